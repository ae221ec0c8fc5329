/** After a recovery the calls return little by little (`rampMs`). */
import { expect, it } from 'vitest';
import { Fleet } from '../../simulation/fleet.ts';

const RAMP_MS = 20_000;

async function recoveredFleet(): Promise<Fleet> {
  const fleet = new Fleet({ failureThreshold: 1, openMs: 1_000, rampMs: RAMP_MS });
  fleet.addMany(40);
  await fleet.callInTurn(1, { does: 'fail' });
  await fleet.time.run(1_500);
  await fleet.callInTurn(1, { does: 'succeed' });
  expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
  return fleet;
}

/** The share of 400 calls that are made. */
async function madeShare(fleet: Fleet): Promise<number> {
  const answers: string[] = [];
  for (let round = 0; round < 10; round++)
    answers.push(...(await fleet.callAll({ does: 'succeed' })));
  return answers.filter((answer) => answer === 'success').length / answers.length;
}

it('Few calls are made at first, and all of them in the end, without a write', async () => {
  const fleet = await recoveredFleet();
  const written = await fleet.item();
  expect(await madeShare(fleet)).toBeLessThan(0.1);
  await fleet.time.run(RAMP_MS - 5_000);
  const later = await madeShare(fleet);
  expect(later).toBeGreaterThan(0.25);
  expect(later).toBeLessThan(0.75);
  await fleet.time.run(5_000);
  expect(await madeShare(fleet)).toBe(1);
  expect(await fleet.item()).toEqual(written);
});

it('Who is refused is told why, and an instance that begins then holds back, too', async () => {
  const fleet = await recoveredFleet();
  const { breaker } = fleet.add();
  const refusals: unknown[] = [];
  for (let i = 0; i < 20; i++)
    await fleet.time.until(breaker.execute(() => 'made').catch((error) => refusals.push(error)));
  expect(refusals.length).toBeGreaterThan(10);
  expect(refusals[0]).toMatchObject({
    name: 'CircuitOpenError',
    state: 'CLOSED',
    reason: 'recovering: 4 % of the calls are admitted',
    retryAfterMs: RAMP_MS / 5,
  });
});

it('An operator who closes the circuit lets every call through at once', async () => {
  const fleet = await recoveredFleet();
  const { breaker } = fleet.add();
  await fleet.time.until(breaker.forceOpen('drill'));
  await fleet.time.until(breaker.close('it is well'));
  expect(await madeShare(fleet)).toBe(1);
});
