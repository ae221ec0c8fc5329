/** A store that refuses contacts for their rate. */
import { describe, expect, it } from 'vitest';
import type { FaultOf, FleetInstance } from '../../simulation/fleet.ts';
import { FAIL, fleetOf, NO_FAULT, SUCCEED, THRESHOLD } from './fleet-of.ts';

describe('While the store throttles', () => {
  it('an instance whose failures cannot be written pauses, trips in local mode, and publishes that', async () => {
    const fleet = fleetOf(1);
    const [instance] = fleet.instances as [FleetInstance];
    await instance.call(SUCCEED);
    instance.fault = (write) => (write ? 'throttled' : undefined);
    expect(await fleet.callInTurn(3, FAIL)).toEqual(['failure', 'failure', 'refused']);
    expect(instance.storeChanges).toEqual([]);
    await fleet.time.run(1_000);
    expect(await fleet.callInTurn(2, FAIL)).toEqual(['failure', 'refused']);
    expect(instance.storeChanges).toMatchObject([
      { available: false, error: { kind: 'throttled' } },
    ]);
    expect(fleet.published).toMatchObject([{ operation: 'trip', scope: 'instance' }]);
  });

  it.each(['all', 'writes'])(
    'at most failureThreshold calls and one trial per open period of an instance reach the downstream: %s',
    async (which) => {
      const fleet = fleetOf(1);
      const [instance] = fleet.instances as [FleetInstance];
      await instance.call(SUCCEED);
      instance.fault = (write) => (write || which === 'all' ? 'throttled' : undefined);
      const before = fleet.started;
      for (let i = 0; i < 300; i++) {
        await instance.call(FAIL);
        await fleet.time.run(80);
      }
      expect(fleet.started - before).toBeLessThanOrEqual(THRESHOLD + 6);
      expect(instance.storeChanges).toMatchObject([{ available: false }]);
      instance.fault = NO_FAULT;
      await fleet.time.run(60_000);
      await fleet.callInTurn(3, SUCCEED);
      expect(instance.isOut).toBe(false);
    },
  );

  it('an instance that tripped in local mode follows the fleet when that has moved on', async () => {
    const fleet = fleetOf(2);
    const [instance, other] = fleet.instances as [FleetInstance, FleetInstance];
    await instance.call(SUCCEED);
    instance.fault = (write) => (write ? 'throttled' : undefined);
    for (let i = 0; i < 5; i++) await instance.call(FAIL);
    await fleet.time.run(1_000);
    await instance.call(FAIL);
    expect(await instance.call(SUCCEED)).toBe('refused');
    await fleet.time.until(other.breaker.forceClosed('well again'));
    await fleet.time.run(1_000);
    expect(await instance.call(SUCCEED)).toBe('success');
  });
});

it('While reads are throttled an instance reads less often, not more', async () => {
  const fleet = fleetOf(1, { viewTtlMs: 100 });
  const [a] = fleet.instances as [FleetInstance];
  const readsIn = async (fault: FaultOf) => {
    let reads = 0;
    a.fault = (write) => {
      if (!write) reads++;
      return fault(write);
    };
    for (let i = 0; i < 640; i++) {
      await a.call({ ...SUCCEED, afterMs: 5 });
      await fleet.time.run(20);
    }
    return reads;
  };
  const usual = await readsIn(NO_FAULT);
  expect(await readsIn(() => 'throttled')).toBeLessThan(usual);
});

it('Reads that are throttled while another instance opens the circuit do not lengthen the wait', async () => {
  const fleet = fleetOf(2);
  const [a] = fleet.instances as [FleetInstance];
  await a.call(SUCCEED);
  a.fault = () => 'throttled';
  const openedAtMs = fleet.time.nowMs;
  await fleet.trip();
  while (fleet.time.nowMs < openedAtMs + 4_900) {
    await a.call(SUCCEED);
    await fleet.time.run(100);
  }
  a.fault = NO_FAULT;
  await fleet.time.run(1_200);
  await a.call(SUCCEED);
  await fleet.time.run(300);
  expect(await a.call(SUCCEED)).toBe('success');
});

it('An operator who closes by force is obeyed at once by an instance that pauses', async () => {
  const fleet = fleetOf(2);
  const [instance, operator] = fleet.instances as [FleetInstance, FleetInstance];
  await instance.call(SUCCEED);
  instance.fault = (write) => (write ? 'throttled' : undefined);
  expect(await fleet.callInTurn(3, FAIL, [instance])).toEqual(['failure', 'failure', 'refused']);
  await fleet.time.until(operator.breaker.forceClosed('well'));
  expect(await instance.call(SUCCEED)).toBe('success');
});

it('An operator is told when the item cannot be read for its rate', async () => {
  const fleet = fleetOf(2);
  const [first, second] = fleet.instances as [FleetInstance, FleetInstance];
  await fleet.time.until(first.breaker.forceOpen('drill'));
  second.fault = () => 'throttled';
  const released = fleet.time.until(second.breaker.release());
  await expect(released).rejects.toMatchObject({ kind: 'throttled' });
});

it('A probe whose report is throttled is over with its lease, and no local probe follows it', async () => {
  const fleet = fleetOf(1, { probes: { max: 3, need: 1 } });
  const [instance] = fleet.instances as [FleetInstance];
  await fleet.trip();
  await fleet.time.run(6_000);
  instance.fault = (write) => (write?.operation === 'reportProbe' ? 'throttled' : undefined);
  expect(await instance.call(FAIL)).toBe('failure');
  instance.fault = () => 'throttled';
  expect(await instance.call(FAIL)).toBe('refused');
});
