/** A store that is late, or fails now and then, costs callers little. */
import { describe, expect, it } from 'vitest';
import { type Behaviour, type FaultOf, Fleet, type FleetInstance } from '../../simulation/fleet.ts';
import type { Fault } from '../../simulation/store-path.ts';
import { durations, FAIL, fleetOf, SUCCEED } from './fleet-of.ts';

const READ_MS = 60;
const FIRST_READ_MS = 500;

describe('With a store whose every answer takes a second', () => {
  it.each([20, 200])(
    'a healthy call of %i ms is late by one read budget at most',
    async (afterMs) => {
      const fleet = fleetOf(1);
      const [instance] = fleet.instances as [FleetInstance];
      instance.latencyMs = 1_000;
      const behaviour = { ...SUCCEED, afterMs };
      const [firstMs = 0, ...tookMs] = await fleet.time.until(
        durations(instance, behaviour, 120_000, 250),
      );
      expect(firstMs).toBe(afterMs + FIRST_READ_MS);
      expect(Math.max(...tookMs)).toBe(afterMs + READ_MS);
      // The backoff spares all but a few even of that.
      const late = tookMs.filter((ms) => ms > afterMs);
      expect(late.length).toBeLessThan(15);
      expect(tookMs.length).toBeGreaterThan(400);
    },
  );

  it.each([300, 700])(
    'a healthy call of %i ms, which reads again to report, is late by one read budget at most',
    async (afterMs) => {
      const fleet = fleetOf(1);
      const [a] = fleet.instances as [FleetInstance];
      await a.call(SUCCEED);
      a.latencyMs = 1_000;
      for (let i = 0; i < 100; i++) {
        const startedAtMs = fleet.time.nowMs;
        await a.call({ ...SUCCEED, afterMs });
        expect(fleet.time.nowMs - startedAtMs).toBeLessThanOrEqual(afterMs + 60);
        await fleet.time.run(50);
      }
    },
  );

  it('a healthy call whose read was prefetched one budget ago is not late at all', async () => {
    const fleet = fleetOf(1);
    const [instance] = fleet.instances as [FleetInstance];
    await instance.call(SUCCEED);
    instance.latencyMs = 1_000;
    const prefetched = instance.breaker.prefetch();
    await fleet.time.run(READ_MS);
    const startedAtMs = fleet.time.nowMs;
    expect(await instance.call(SUCCEED, { prefetched })).toBe('success');
    expect(fleet.time.nowMs - startedAtMs).toBe(20);
  });
});

it('A call does not wait for a second, consistent read as long as an operator does', async () => {
  const fleet = new Fleet();
  const instance = fleet.add();
  await fleet.time.until(fleet.add().breaker.forceClosed('x', fleet.time.nowMs + 1));
  await instance.call(SUCCEED);
  await fleet.time.run(6_000);
  await fleet.harness.put(fleet.name, undefined);
  const faults: (Fault | undefined)[] = [undefined, 'silent'];
  instance.fault = () => faults.shift();
  const startedAtMs = fleet.time.nowMs;
  expect(await instance.call({ ...SUCCEED, afterMs: 20 })).toBe('success');
  expect(fleet.time.nowMs - startedAtMs).toBeLessThan(100);
});

it.each<[string, FaultOf, Behaviour]>([
  ['reads', () => 'silent', SUCCEED],
  ['writes', (write) => (write ? 'silent' : undefined), FAIL],
])('Single late %s, hours apart, do not add up to a long back-off', async (_, fault, behaviour) => {
  const fleet = new Fleet();
  const instance = fleet.add();
  await instance.call(SUCCEED);
  instance.fault = (write) => (write ? 'silent' : undefined);
  await instance.call(FAIL);
  for (let hour = 0; hour < 7; hour++) {
    instance.fault = () => undefined;
    await fleet.time.run(3_600_000);
    for (const each of behaviour === FAIL ? [SUCCEED, FAIL] : [SUCCEED]) await instance.call(each);
    instance.fault = fault;
    await fleet.time.run(60_000);
    await instance.call(behaviour);
    expect(instance.isOut).toBe(true);
    instance.fault = () => undefined;
    await fleet.time.run(250);
    await instance.call(SUCCEED);
    expect(instance.isOut).toBe(false);
  }
});

it('A store that takes no writes is contacted less and less often, though it answers reads', async () => {
  const fleet = fleetOf(1);
  const [instance] = fleet.instances as [FleetInstance];
  let writes = 0;
  instance.fault = (write) => {
    if (write) writes++;
    return write ? 'down' : undefined;
  };
  await fleet.time.until(durations(instance, FAIL, 300_000));
  expect(writes).toBeGreaterThan(5);
  expect(writes).toBeLessThan(30);
});

it('A dead store costs one budget per back-off, however many calls an instance makes at once', async () => {
  const fleet = fleetOf(1);
  const [instance] = fleet.instances as [FleetInstance];
  await instance.call(SUCCEED);
  let reads = 0;
  instance.fault = (write) => {
    if (!write) reads++;
    return 'silent';
  };
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < 40; i++) {
    calls.push(instance.begin(SUCCEED));
    await fleet.time.run(25);
  }
  await fleet.time.until(Promise.all(calls));
  expect(reads).toBeLessThan(12);
});
