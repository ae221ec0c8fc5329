/** What only a second look found: lost answers, local decisions and hands that meet. */
import { createBreaker, memoryStore } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../src/protocol/circuit.ts';
import { memoryHarness } from '../stores/harness.ts';
import {
  type Behaviour,
  type Fault,
  type FaultOf,
  Fleet,
  type Instance,
} from '../support/fleet.ts';

const FAIL = { does: 'fail' } as const;
const SUCCEED = { does: 'succeed' } as const;

describe('A trip whose answers were all lost is told once', () => {
  async function tripUnseen(fleet: Fleet): Promise<Instance> {
    const instance = fleet.add();
    instance.fault = (write) => (write?.operation === 'trip' ? 'answerLost' : undefined);
    await instance.call(FAIL);
    instance.fault = () => undefined;
    return instance;
  }
  const seen = async (fleet: Fleet, instance: Instance) => {
    await fleet.time.run(300);
    await fleet.time.until(instance.breaker.status());
    expect(fleet.history).toEqual(['trip']);
  };

  it('though another outage has it seen again', async () => {
    const fleet = new Fleet({ failureThreshold: 1, openMs: 1_000 });
    const instance = await tripUnseen(fleet);
    await seen(fleet, instance);
    instance.fault = () => 'down';
    await fleet.time.run(6_000);
    for (const passedMs of [2_000, 60_000]) {
      await instance.call(FAIL);
      await fleet.time.run(passedMs);
    }
    instance.fault = () => undefined;
    await seen(fleet, instance);
  });

  it('though a hand changes the item that it left', async () => {
    const fleet = new Fleet({ failureThreshold: 1, openMs: 60_000 });
    const instance = await tripUnseen(fleet);
    await seen(fleet, instance);
    await fleet.edit({ state: 'CLOSED', generation: 2 });
    await seen(fleet, instance);
  });

  it('though the first read after it does not show it yet', async () => {
    const harness = memoryHarness();
    let isLate = true;
    const read = async (name: string, { consistent }: { consistent: boolean }) =>
      isLate && !consistent ? undefined : ((await harness.get(name)) as Item | undefined);
    const store = { ...harness.store, read };
    const fleet = new Fleet({ failureThreshold: 1, openMs: 60_000 }, { ...harness, store });
    const instance = await tripUnseen(fleet);
    await fleet.time.run(5_000);
    await instance.call(SUCCEED);
    isLate = false;
    await seen(fleet, instance);
  });
});

it('A streak that began at time 0, as in tests, is one', async () => {
  const clock = { now: () => 0, after: () => () => {} };
  const options = { name: 'x', store: memoryStore(), failureThreshold: 3, clock };
  const breaker = createBreaker(options);
  for (let i = 0; i < 3; i++)
    await breaker.execute(() => Promise.reject(new Error())).catch(() => {});
  await expect(breaker.execute(() => 1)).rejects.toMatchObject({ name: 'CircuitOpenError' });
});

it.each<[string, FaultOf, Behaviour]>([
  ['reads', () => 'silent', SUCCEED],
  ['writes', (write) => (write ? 'silent' : undefined), FAIL],
])(
  'Single late %s, hours apart, do not add up to a long time alone',
  async (_, fault, behaviour) => {
    const fleet = new Fleet();
    const instance = fleet.add();
    await instance.call(SUCCEED);
    instance.fault = (write) => (write ? 'silent' : undefined);
    await instance.call(FAIL);
    for (let hour = 0; hour < 7; hour++) {
      instance.fault = () => undefined;
      await fleet.time.run(3_600_000);
      for (const each of behaviour === FAIL ? [SUCCEED, FAIL] : [SUCCEED])
        await instance.call(each);
      instance.fault = fault;
      await fleet.time.run(60_000);
      await instance.call(behaviour);
      expect(instance.isOut).toBe(true);
      instance.fault = () => undefined;
      await fleet.time.run(250);
      await instance.call(SUCCEED);
      expect(instance.isOut).toBe(false);
    }
  },
);

it('An item that cannot grow any more is looked at again, and obeyed when a hand has mended it', async () => {
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

it('Two failures of one instance at the moment the store goes down both count', async () => {
  const fleet = new Fleet({ failureThreshold: 3 });
  const instance = fleet.add();
  await instance.call(FAIL);
  instance.fault = (write) => (write?.operation === 'countFailure' ? 'down' : undefined);
  await fleet.time.until(Promise.all([instance.begin(FAIL), instance.begin(FAIL)]));
  instance.fault = () => 'down';
  expect(await instance.call(SUCCEED)).toBe('refused');
});

it('A duration that a hand has corrected is waited for, not the one before', async () => {
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

it('A read that was under way when a refused write showed the trip does not shorten the wait', async () => {
  const fleet = new Fleet({ failureThreshold: 1, openMs: 20_000, maxOpenMs: 20_000 });
  const [other, ahead] = fleet.addMany(2) as [Instance, Instance];
  ahead.skewMs = 60_000;
  await ahead.call(SUCCEED);
  const calls = [ahead.begin({ ...FAIL, afterMs: 30 }), other.begin({ ...FAIL, afterMs: 29 })];
  await fleet.time.run(35);
  ahead.latencyMs = 8;
  await fleet.time.until(Promise.all([...calls, ahead.begin(SUCCEED)]));
  await fleet.time.run(500);
  expect(await ahead.call(SUCCEED)).toBe('refused');
  expect(fleet.history).toEqual(['trip']);
});

it('A user does not wait for a second, consistent read as people do', async () => {
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

it('A call whose claim took the time that was left is told so in milliseconds above 0', async () => {
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
