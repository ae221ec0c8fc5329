/** Calls that are slow, and calls for which there is hardly any time left. */
import { describe, expect, it } from 'vitest';
import { Fleet, type FleetInstance } from '../../simulation/fleet.ts';
import { fleetOf, HANG, SUCCEED, THRESHOLD } from './fleet-of.ts';

describe('A slow call', () => {
  const slowCallMs = 500;

  it('counts as failed while it still runs', async () => {
    const fleet = fleetOf(THRESHOLD, { slowCallMs });
    for (const instance of fleet.instances) instance.begin({ does: 'hang' });
    await fleet.time.run(slowCallMs + 20);
    expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
  });

  it.each(['succeed', 'fail', 'hang'] as const)(
    'counts once, whatever comes of it: %s',
    async (does) => {
      const fleet = fleetOf(1, { slowCallMs });
      const answer = await fleet.instances[0]?.call({ does, afterMs: 700 });
      expect(answer).toBe({ succeed: 'success', fail: 'failure', hang: 'timeout' }[does]);
      expect(await fleet.item()).toMatchObject({ state: 'CLOSED', streakId: 1, streakScore: 1 });
      expect(fleet.instances[0]?.records).toHaveLength(1);
    },
  );

  it('is not slow if it ends in time', async () => {
    const fleet = fleetOf(1, { slowCallMs });
    await fleet.callInTurn(5, { does: 'succeed', afterMs: 490 });
    expect(await fleet.item()).toEqual({});
  });
});

describe('A call in an instance that is about to time out', () => {
  it('is cut in time and reported', async () => {
    const fleet = fleetOf(1, { callTimeoutMs: 2_000, reserveMs: 300 });
    const [instance] = fleet.instances as [FleetInstance];
    const endMs = fleet.time.nowMs + 1_000;
    const remainingMs = () => endMs - fleet.time.nowMs;
    expect(await instance.call(HANG, { remainingMs })).toBe('timeout');
    expect(remainingMs()).toBeGreaterThan(250);
    expect(remainingMs()).toBeLessThan(300);
    expect(await fleet.item()).toMatchObject({ streakScore: 1 });
  });

  it('is not made when there is no time left for it', async () => {
    const fleet = fleetOf(1, { reserveMs: 300 });
    const [instance] = fleet.instances as [FleetInstance];
    const startedAtMs = fleet.time.nowMs;
    expect(await instance.call(SUCCEED, { remainingMs: 300 })).toBe('timeout');
    expect(fleet.time.nowMs).toBe(startedAtMs);
    expect([instance.started, await fleet.item()]).toEqual([0, {}]);
  });

  it('is not made when the read has used up its time, and counts as nothing', async () => {
    const fleet = fleetOf(1, { reserveMs: 300 });
    const [instance] = fleet.instances as [FleetInstance];
    instance.latencyMs = 400;
    const endMs = fleet.time.nowMs + 600;
    const remainingMs = () => endMs - fleet.time.nowMs;
    expect(await instance.call(SUCCEED, { remainingMs })).toBe('timeout');
    expect([instance.started, await fleet.item()]).toEqual([0, {}]);
  });

  it('is a failure of the fleet: three such calls in three instances trip the circuit', async () => {
    const fleet = fleetOf(3);
    for (const instance of fleet.instances) {
      expect(await instance.call(HANG, { remainingMs: 1_000 })).toBe('timeout');
      instance.kill();
    }
    expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
  });
});

it('A call that is not made for lack of time is published by onCall', async () => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [FleetInstance];
  expect(await a.call(SUCCEED, { remainingMs: 100 })).toBe('timeout');
  expect(a.records).toHaveLength(1);
});

it('A call whose claim of the probe used up the time left times out after 1 ms, not after less', async () => {
  const fleet = new Fleet({ failureThreshold: 3, openMs: 1_000 });
  await fleet.trip();
  await fleet.time.run(2_000);
  const instance = fleet.add();
  instance.latencyMs = 90;
  const endMs = fleet.time.nowMs + 400;
  const remainingMs = () => endMs - fleet.time.nowMs;
  expect(await instance.call({ ...SUCCEED, afterMs: 20 }, { remainingMs })).toBe('timeout');
  expect(String(instance.records.at(-1)?.error)).toContain('within 1 ms');
});
