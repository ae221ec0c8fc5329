/** What went wrong once, or would have: each rule was broken before it had its test. */
import { describe, expect, it } from 'vitest';
import { type FaultOf, Fleet, type FleetOptions, type Instance } from '../support/fleet.ts';

const FAIL = { does: 'fail' } as const;
const HANG = { does: 'hang' } as const;
const SUCCEED = { does: 'succeed' } as const;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const T = 3;

function fleetOf(count: number, options: FleetOptions = {}): Fleet {
  const fleet = new Fleet({ failureThreshold: T, openMs: 5_000, maxOpenMs: 5_000, ...options });
  fleet.addMany(count);
  return fleet;
}
const none: FaultOf = () => undefined;

it('A failure of a call that was let through in local mode is reported once the store is in reach', async () => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [Instance];
  await a.call(SUCCEED);
  a.fault = () => 'down';
  const call = a.begin({ ...FAIL, afterMs: 700 });
  await fleet.time.run(300);
  a.fault = none;
  await fleet.time.until(call);
  expect(await fleet.item()).toMatchObject({ streakFailures: 1 });
});

it('A failure of a call that was let through in local mode is inert if the fleet has moved on', async () => {
  const fleet = fleetOf(2);
  const [a, b] = fleet.instances as [Instance, Instance];
  await a.call(SUCCEED);
  a.fault = () => 'down';
  const call = a.begin({ ...FAIL, afterMs: 700 });
  await fleet.time.run(300);
  await fleet.time.until(b.breaker.forceClosed('drill'));
  await fleet.time.until(b.breaker.release());
  a.fault = none;
  await fleet.time.until(call);
  expect(await fleet.item()).not.toHaveProperty('streakFailures');
});

describe('An item that was deleted is believed within 5 s or at the next read', () => {
  it.each(['forceOpen', 'forceClosed'] as const)('%s', async (word) => {
    const fleet = fleetOf(2);
    const [a, b] = fleet.instances as [Instance, Instance];
    await fleet.time.until(a.breaker[word]('x'));
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

it('Transitions are told after the item was deleted, too', async () => {
  const fleet = fleetOf(1, { failureThreshold: 1 });
  const [a] = fleet.instances as [Instance];
  await a.call(FAIL);
  await fleet.time.run(6_000);
  await a.call(SUCCEED);
  await fleet.harness.put(fleet.name, undefined);
  await a.call(FAIL);
  await a.call(FAIL);
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
  expect(fleet.history).toEqual(['trip', 'claimProbe', 'recover', 'trip']);
});

describe('A circuit does not stay half-open', () => {
  it.each([-HOUR, HOUR])(
    'when an operator whose clock is %i ms off has spoken and taken it back',
    async (skewMs) => {
      const fleet = fleetOf(2);
      const [a] = fleet.instances as [Instance];
      const operator = fleet.add();
      operator.skewMs = skewMs;
      fleet.instances.pop();
      await fleet.trip();
      await fleet.callAll(SUCCEED);
      await fleet.time.run(6_000);
      a.begin(HANG);
      await fleet.time.run(50);
      a.kill();
      fleet.instances.shift();
      await fleet.time.until(operator.breaker.forceClosed('x'));
      await fleet.time.run(10_000);
      await fleet.callAll(SUCCEED);
      await fleet.time.until(operator.breaker.release());
      await fleet.time.run(5_000);
      await fleet.callAll(SUCCEED);
      await fleet.time.run(4_000);
      expect(await fleet.callAll(SUCCEED)).toEqual(['success']);
    },
  );

  it('when a hand has given the probe an endless lease', async () => {
    const fleet = fleetOf(2);
    const [a, b] = fleet.instances as [Instance, Instance];
    await fleet.trip();
    await fleet.time.run(6_000);
    a.begin(HANG);
    await fleet.time.run(50);
    a.kill();
    await fleet.edit({ probeLeaseUntilMs: fleet.time.nowMs + 1_000 * HOUR });
    expect(await b.call(SUCCEED)).toBe('refused');
    await fleet.time.run(HOUR);
    expect(await b.call(SUCCEED)).toBe('success');
  });
});

it('With several probes, the lease of one whose clock is slow is known to who saw the one before', async () => {
  const fleet = fleetOf(3, { probes: { max: 3, need: 2 } });
  const [a, b, c] = fleet.instances as [Instance, Instance, Instance];
  b.skewMs = -MINUTE;
  await fleet.trip();
  await fleet.callAll(SUCCEED);
  await fleet.time.run(6_000);
  const first = a.begin({ ...SUCCEED, afterMs: 500 });
  await fleet.time.run(400);
  expect(await c.call(SUCCEED)).toBe('refused');
  await fleet.time.until(first);
  const second = b.begin({ ...SUCCEED, afterMs: 1_000 });
  await fleet.time.run(50);
  expect(await c.call(SUCCEED)).toBe('refused');
  expect(await fleet.time.until(second)).toBe('success');
  expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
});

it('A trip whose answer is lost, and whose repeat is throttled, is told when its writer sees it', async () => {
  const fleet = fleetOf(1, { failureThreshold: 1 });
  const [a] = fleet.instances as [Instance];
  let writes = 0;
  a.fault = (write) => (write ? (writes++ === 0 ? 'answerLost' : 'throttled') : undefined);
  await a.call(FAIL);
  a.fault = none;
  await fleet.time.run(2_000);
  await a.call(SUCCEED);
  expect(fleet.history).toEqual(['trip']);
});

it('A call that is not made for want of time has its record', async () => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [Instance];
  expect(await a.call(SUCCEED, { remainingMs: 100 })).toBe('timeout');
  expect(a.records).toHaveLength(1);
});

it('While reads are throttled an instance reads less often, not more', async () => {
  const fleet = fleetOf(1, { viewTtlMs: 100 });
  const [a] = fleet.instances as [Instance];
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
  const usual = await readsIn(none);
  expect(await readsIn(() => 'throttled')).toBeLessThan(usual);
});

it.each(['down', 'throttled'] as const)(
  'A clock that is set back an hour does not keep an instance from the store (%s) for an hour',
  async (fault) => {
    const fleet = fleetOf(1);
    const [a] = fleet.instances as [Instance];
    await a.call(SUCCEED);
    a.fault = (write) => (fault === 'down' || write ? fault : undefined);
    await a.call(FAIL);
    await a.call(FAIL);
    a.fault = none;
    a.skewMs = -HOUR;
    await fleet.time.run(MINUTE);
    expect(await a.call(SUCCEED)).toBe('success');
    expect(a.isOut).toBe(false);
  },
);

it.each([300, 700])(
  'With a store whose every answer takes a second, a healthy call of %i ms is late by one read budget at most',
  async (afterMs) => {
    const fleet = fleetOf(1);
    const [a] = fleet.instances as [Instance];
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

it('An option given as undefined is as one not given', async () => {
  const undefinedOptions = {
    classify: undefined,
    probes: undefined,
    slowCallMs: undefined,
    random: undefined,
    maxOpenMs: undefined,
  };
  const fleet = fleetOf(1, undefinedOptions as object);
  expect(await (fleet.instances[0] as Instance).call(SUCCEED)).toBe('success');
});

it('A read that was under way when the instance was frozen does not serve the call after it', async () => {
  const fleet = fleetOf(1, { openMs: 2 * HOUR, maxOpenMs: 2 * HOUR });
  const [a] = fleet.instances as [Instance];
  a.breaker.prefetch();
  await fleet.time.run(3);
  a.freeze(HOUR);
  const thawsAtMs = fleet.time.nowMs + HOUR;
  await fleet.trip();
  await fleet.time.run(thawsAtMs - fleet.time.nowMs - 1);
  expect(await a.call(SUCCEED, { prefetched: a.breaker.prefetch() })).toBe('refused');
});

it('A lost trip is told though another write of that instance is lost after it', async () => {
  const fleet = fleetOf(1, { failureThreshold: 2 });
  const [a] = fleet.instances as [Instance];
  await a.call(FAIL);
  a.fault = (write) => (write ? 'answerLost' : undefined);
  const calls = [a.begin({ ...FAIL, afterMs: 300 }), a.begin({ ...SUCCEED, afterMs: 300 })];
  await fleet.time.until(Promise.all(calls));
  a.fault = none;
  expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
  await fleet.time.run(6_000);
  await a.call(SUCCEED);
  expect(fleet.history.slice(0, 1)).toEqual(['trip']);
});
