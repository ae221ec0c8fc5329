/** Items that were deleted or edited manually. */
import { describe, expect, it } from 'vitest';
import { Fleet, type FleetInstance } from '../../simulation/fleet.ts';
import { FAIL, fleetOf, HANG, HOUR_MS, SUCCEED } from './fleet-of.ts';

it('An item that was deleted is written anew', async () => {
  const fleet = fleetOf(2, { failureThreshold: 1 });
  await fleet.callInTurn(1, FAIL);
  await fleet.time.run(6_000);
  expect(await fleet.callInTurn(2, SUCCEED)).toEqual(['success', 'success']);
  await fleet.harness.put(fleet.name, undefined);
  await fleet.callInTurn(4, FAIL);
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
  expect(await fleet.callInTurn(2, FAIL)).toEqual(['refused', 'refused']);
});

describe('An item that was deleted is believed within 5 s or at the next read', () => {
  it.each(['forceOpen', 'forceClosed'] as const)('%s', async (override) => {
    const fleet = fleetOf(2);
    const [a, b] = fleet.instances as [FleetInstance, FleetInstance];
    await fleet.time.until(a.breaker[override]('x'));
    await b.call(SUCCEED);
    await fleet.harness.put(fleet.name, undefined);
    for (let i = 0; i < 4; i++) {
      await fleet.time.run(5_100);
      await fleet.callAll(SUCCEED);
    }
    expect(await fleet.callAll(SUCCEED)).toEqual(['success', 'success']);
    await fleet.callInTurn(8, FAIL);
    expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
    expect((await fleet.time.until(b.breaker.status())).override).toBeUndefined();
  });
});

it('A generation edited so high that it cannot grow does not keep an instance busy for ever', async () => {
  const fleet = fleetOf(1);
  await fleet.trip();
  await fleet.edit({ generation: 8.64e15 });
  await fleet.time.run(6_000);
  const [a] = fleet.instances as [FleetInstance];
  expect(await a.call(SUCCEED)).toBe('refused');
  expect(a.storeChanges).toMatchObject([{ available: false, error: { kind: 'malformed' } }]);
});

it('An item whose generation cannot grow is read again, and obeyed once it was deleted', async () => {
  const fleet = new Fleet({ failureThreshold: 3, openMs: 1_000 });
  await fleet.trip();
  await fleet.edit({ generation: 8.64e15 });
  const instance = fleet.add();
  for (let i = 0; i < 20; i++) {
    await fleet.time.run(5_000);
    await instance.call(SUCCEED);
  }
  await fleet.harness.put(fleet.name, undefined);
  await fleet.time.run(30_000);
  expect(await instance.call(SUCCEED)).toBe('success');
});

it('An open period that was corrected manually is waited for, not the one before', async () => {
  const fleet = new Fleet({ failureThreshold: 3, openMs: 5_000 });
  const instance = fleet.add();
  await instance.call(SUCCEED);
  await fleet.trip();
  await fleet.edit({ openDurationMs: 5e9 });
  expect(await instance.call(SUCCEED)).toBe('refused');
  await fleet.time.run(60_000);
  await fleet.edit({ openDurationMs: 5_000 });
  await fleet.time.run(6_000);
  await instance.call(SUCCEED);
  await fleet.time.run(6_000);
  expect(await instance.call(SUCCEED)).toBe('success');
});

it('A lease that was edited to last for weeks ends within the hour', async () => {
  const fleet = fleetOf(2);
  const [a, b] = fleet.instances as [FleetInstance, FleetInstance];
  await fleet.trip();
  await fleet.time.run(6_000);
  a.begin(HANG);
  await fleet.time.run(50);
  a.kill();
  await fleet.edit({ probeLeaseUntilMs: fleet.time.nowMs + 1_000 * HOUR_MS });
  expect(await b.call(SUCCEED)).toBe('refused');
  await fleet.time.run(HOUR_MS);
  expect(await b.call(SUCCEED)).toBe('success');
});
