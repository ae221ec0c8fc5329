/** The end of an open period: who probes, for how long, and what the probe decides. */
import { describe, expect, it } from 'vitest';
import type { Behaviour, Fleet, FleetOptions } from '../../simulation/fleet.ts';
import { FAIL, fleetOf, HANG, SUCCEED } from './fleet-of.ts';

const LEASE_MS = 3_000;
const JITTER_MS = 250;

/** A fleet at the end of its first open period. */
async function dueFleet(count: number, options: FleetOptions = {}): Promise<Fleet> {
  const fleet = fleetOf(count, options);
  await fleet.trip();
  await fleet.time.run(5_800);
  fleet.started = 0;
  return fleet;
}

it('When the prober dies, the next probe begins one lease later', async () => {
  const fleet = await dueFleet(5);
  const [prober, ...others] = fleet.instances;
  prober?.begin(HANG);
  await fleet.time.run(20);
  prober?.kill();
  const claimedAtMs = fleet.time.nowMs;
  while (fleet.started < 2) {
    await fleet.callAll(SUCCEED, others);
    await fleet.time.run(50);
  }
  const waitedMs = fleet.time.nowMs - claimedAtMs;
  expect(waitedMs).toBeGreaterThan(LEASE_MS - 100);
  expect(waitedMs).toBeLessThan(LEASE_MS + JITTER_MS + 150);
  expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
});

describe('Recovery is not bound to one instance', () => {
  const probes = { max: 3, need: 2 };

  it.each<[string, Behaviour[], string]>([
    ['two successes close it', [SUCCEED, SUCCEED], 'CLOSED'],
    ['one failure is forgiven', [SUCCEED, FAIL, SUCCEED], 'CLOSED'],
    ['one failure is forgiven, first', [FAIL, SUCCEED, SUCCEED], 'CLOSED'],
    ['two failures open it again', [FAIL, FAIL], 'OPEN'],
    ['two failures open it again, with a success between', [FAIL, SUCCEED, FAIL], 'OPEN'],
    [
      'a probe whose result is ignored is given back',
      [SUCCEED, { does: 'answer404' }, SUCCEED],
      'CLOSED',
    ],
  ])('each probe by another instance, which then dies: %s', async (_, outcomes, state) => {
    const fleet = await dueFleet(outcomes.length, { probes });
    for (const [i, outcome] of outcomes.entries()) {
      if (i > 0) expect(await fleet.item()).toMatchObject({ state: 'HALF_OPEN' });
      expect(await fleet.instances[i]?.call(outcome)).not.toBe('refused');
      fleet.instances[i]?.kill();
    }
    expect(await fleet.item()).toMatchObject({ state });
  });

  it('probes are made one at a time by a fleet that calls all the time', async () => {
    const fleet = await dueFleet(30, { probes });
    for (let round = 0; round < 2; round++) {
      const answers = await fleet.callAll({ ...SUCCEED, afterMs: 100 });
      expect(answers.filter((answer) => answer === 'success')).toHaveLength(1);
    }
    expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
    expect(fleet.started).toBe(2);
  });

  it('a probe that is given back is made again by the next caller', async () => {
    const fleet = await dueFleet(3, {});
    for (const instance of fleet.instances)
      expect(await instance.call({ does: 'answer404' })).toBe('ignored');
    expect(await fleet.item()).toMatchObject({ state: 'HALF_OPEN', probesIssued: 0 });
    expect(await fleet.instances[0]?.call(SUCCEED)).toBe('success');
    expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
  });
});

it('A claim that a recovered circuit refuses becomes a call like any other', async () => {
  const fleet = await dueFleet(2);
  const [late, other] = fleet.instances;
  expect(await late?.call(SUCCEED)).toBe('success');
  await fleet.trip();
  expect(await late?.call(SUCCEED)).toBe('refused');
  await fleet.time.run(5_800);
  if (late) late.fault = (write) => (write ? undefined : 'throttled');
  expect(await other?.call(SUCCEED)).toBe('success');
  expect(await late?.call(SUCCEED)).toBe('success');
  expect(fleet.history.slice(-2)).toEqual(['claimProbe', 'recover']);
});

it('While a probe hangs, everyone else is answered at once', async () => {
  const fleet = await dueFleet(50);
  const [prober, ...others] = fleet.instances;
  const probe = prober?.begin(HANG);
  for (let round = 0; round < 18; round++) {
    await fleet.time.run(100);
    const startedAtMs = fleet.time.nowMs;
    expect(new Set(await fleet.callAll(SUCCEED, others))).toEqual(new Set(['refused']));
    expect(fleet.time.nowMs - startedAtMs).toBeLessThan(10);
  }
  expect(await fleet.time.until(probe ?? Promise.reject())).toBe('timeout');
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', reopenings: 1 });
  expect(fleet.started).toBe(1);
});

it('Reopening doubles the open period, up to its limit, and a recovery that lasts forgets it', async () => {
  const fleet = await dueFleet(2, { maxOpenMs: 20_000 });
  const periodsMs: number[] = [];
  for (let i = 0; i < 4; i++) {
    await fleet.callInTurn(1, FAIL);
    const { openDurationMs, openUntilMs } = await fleet.item();
    periodsMs.push(Math.round(Number(openDurationMs) / 5_000));
    await fleet.time.run(Number(openUntilMs) - fleet.time.nowMs + JITTER_MS);
  }
  expect(periodsMs).toEqual([2, 4, 4, 4]);
  expect(await fleet.callInTurn(1, SUCCEED)).toEqual(['success']);
  await fleet.time.run(31_000);
  await fleet.trip();
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', reopenings: 0 });
});
