import { describe, expect, it } from 'vitest';
import {
  type Behaviour,
  type FaultOf,
  Fleet,
  type FleetOptions,
  type Instance,
} from '../support/fleet.ts';

const FAIL = { does: 'fail' } as const;
const HANG = { does: 'hang' } as const;
const SUCCEED = { does: 'succeed' } as const;
const T = 3;
const CALL_TIMEOUT_MS = 1_000;
const OPEN_MS = 5_000;
const READ_MS = 60;
const FIRST_READ_MS = 500;

function fleetOf(count: number, options: FleetOptions = {}): Fleet {
  const common = { failureThreshold: T, callTimeoutMs: CALL_TIMEOUT_MS, openMs: OPEN_MS };
  const fleet = new Fleet({ ...common, maxOpenMs: OPEN_MS, ...options });
  fleet.addMany(count);
  return fleet;
}

function setFault(fleet: Fleet, fault: FaultOf): void {
  for (const instance of fleet.instances) instance.fault = fault;
}

/** Calls of one instance for `forMs`, one every `everyMs` at the least; how long each took. */
async function durations(instance: Instance, behaviour: Behaviour, forMs: number, everyMs = 100) {
  const { time } = instance.fleet;
  const tookMs: number[] = [];
  const endMs = time.nowMs + forMs;
  while (time.nowMs < endMs) {
    const startedAtMs = time.nowMs;
    await instance.begin(behaviour);
    tookMs.push(time.nowMs - startedAtMs);
    await time.wait(Math.max(1, everyMs - (time.nowMs - startedAtMs)));
  }
  return tookMs;
}

describe('9. With the store out for 60 s and the downstream dead', () => {
  const LONGEST_ANSWER_MS = CALL_TIMEOUT_MS + FIRST_READ_MS + READ_MS + 2 * 2 * 120;

  it.each<[string, FaultOf, Behaviour]>([
    ['refuses, fast failures', () => 'down', FAIL],
    ['is silent, fast failures', () => 'silent', FAIL],
    ['is silent, hang', () => 'silent', HANG],
    ['loses its answers, hang', () => 'answerLost', HANG],
  ])(
    'an open circuit lets each instance make one trial per open period, and a cold one the threshold more: store %s',
    async (_, fault, behaviour) => {
      const fleet = fleetOf(10);
      await fleet.trip();
      await fleet.callAll(behaviour);
      const cold = fleet.addMany(5);
      setFault(fleet, fault);
      const all = fleet.instances.map((instance) => durations(instance, behaviour, 60_000));
      const tookMs = (await fleet.time.until(Promise.all(all))).flat();
      const trials = Math.ceil(60_000 / (0.9 * OPEN_MS));
      for (const instance of fleet.instances) {
        const limit = trials + (cold.includes(instance) ? T : 0);
        expect(instance.started).toBeLessThanOrEqual(limit);
        expect(instance.started).toBeGreaterThan(5);
        expect(instance.storeChanges).toHaveLength(1);
      }
      expect(Math.max(...tookMs)).toBeLessThan(LONGEST_ANSWER_MS);
    },
  );

  it('a circuit that was closed trips in each instance by itself', async () => {
    const fleet = fleetOf(10);
    await fleet.callAll(SUCCEED);
    setFault(fleet, () => 'down');
    const all = fleet.instances.map((instance) => durations(instance, FAIL, 60_000));
    await fleet.time.until(Promise.all(all));
    for (const { started } of fleet.instances) {
      const calls = started - 1;
      expect(calls).toBeGreaterThanOrEqual(T);
      expect(calls).toBeLessThanOrEqual(T + Math.ceil(60_000 / (0.9 * OPEN_MS)));
    }
    expect(fleet.history).toEqual([]);
    expect(fleet.told.filter(({ operation }) => operation === 'trip')).toHaveLength(10);
  });

  it('a store that is late just when the open period ends does not make every instance try', async () => {
    const fleet = fleetOf(50);
    await fleet.trip();
    await fleet.callAll(SUCCEED);
    await fleet.time.run(OPEN_MS + 800);
    setFault(fleet, () => 'down');
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['refused']));
    setFault(fleet, () => undefined);
    await fleet.time.run(500);
    const answers = await fleet.callAll({ ...SUCCEED, afterMs: 200 });
    expect(answers.filter((answer) => answer !== 'refused')).toEqual(['success']);
  });

  it('a long open period is not shortened', async () => {
    const fleet = fleetOf(1, { openMs: 1_000, maxOpenMs: 30_000 });
    await fleet.trip();
    const openUntilMs = fleet.time.nowMs + 30_000;
    await fleet.edit({ openUntilMs, openDurationMs: 30_000 });
    await fleet.callAll(FAIL);
    setFault(fleet, () => 'down');
    for (let passed = 0; passed < 20; passed++) {
      await fleet.time.run(1_000);
      expect(await fleet.callAll(FAIL)).toEqual(['refused']);
    }
  });

  it('calls let through before still count', async () => {
    const fleet = fleetOf(1);
    const calls = fleet.instances.flatMap((instance) =>
      [500, 600, 700].map((afterMs) => instance.begin({ ...FAIL, afterMs })),
    );
    await fleet.time.run(100);
    setFault(fleet, () => 'down');
    await fleet.time.until(Promise.all(calls));
    expect(await fleet.callAll(SUCCEED)).toEqual(['refused']);
  });
});

describe('10. With a store whose every answer takes a second', () => {
  it.each([20, 200])(
    'a healthy call of %i ms is late by one read budget at most',
    async (afterMs) => {
      const fleet = fleetOf(1);
      const [instance] = fleet.instances as [Instance];
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

  it('a healthy call that began its read ahead is not late at all once that took its time', async () => {
    const fleet = fleetOf(1);
    const [instance] = fleet.instances as [Instance];
    await instance.call(SUCCEED);
    instance.latencyMs = 1_000;
    const prefetched = instance.breaker.prefetch();
    await fleet.time.run(READ_MS);
    const startedAtMs = fleet.time.nowMs;
    expect(await instance.call(SUCCEED, { prefetched })).toBe('success');
    expect(fleet.time.nowMs - startedAtMs).toBe(20);
  });
});

describe('11. When the store comes back', () => {
  it('what each instance counted alone is dropped, and trips nothing', async () => {
    const fleet = fleetOf(10);
    await fleet.callAll(SUCCEED);
    setFault(fleet, () => 'down');
    for (let i = 0; i < T - 1; i++) {
      await fleet.callAll(FAIL);
      await fleet.time.run(100);
    }
    setFault(fleet, () => undefined);
    for (let i = 0; i < 20; i++) {
      expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
      await fleet.time.run(100);
    }
    for (const { storeChanges } of fleet.instances)
      expect(storeChanges.map(({ available }) => available)).toEqual([false, true]);
    expect(fleet.told).toEqual([]);
    expect(await fleet.item()).toEqual({});
  });

  it('an instance that was open alone joins the closed fleet within its refresh', async () => {
    const fleet = fleetOf(2, { openMs: 60_000, maxOpenMs: 60_000 });
    const [alone, other] = fleet.instances as [Instance, Instance];
    await fleet.callAll(SUCCEED);
    alone.fault = () => 'down';
    await fleet.callInTurn(T, FAIL, [alone]);
    expect(await alone.call(SUCCEED)).toBe('refused');
    expect(await other.call(SUCCEED)).toBe('success');
    alone.fault = () => undefined;
    await fleet.time.run(5_000);
    expect(await alone.call(SUCCEED)).toBe('success');
    expect(fleet.history).toEqual([]);
  });

  it('an instance that was closed alone obeys the open fleet at its first read', async () => {
    const fleet = fleetOf(1);
    const [alone] = fleet.instances as [Instance];
    await alone.call(SUCCEED);
    alone.fault = () => 'down';
    await alone.call(SUCCEED);
    await fleet.trip();
    expect(await alone.call(SUCCEED)).toBe('success');
    alone.fault = () => undefined;
    await fleet.time.run(500);
    expect(await alone.call(SUCCEED)).toBe('refused');
  });

  it('the result of a local trial is dropped', async () => {
    const fleet = fleetOf(1);
    const [local] = fleet.instances as [Instance];
    await fleet.trip();
    await local.call(SUCCEED);
    await fleet.time.run(6_000);
    const before = await fleet.item();
    local.fault = () => 'down';
    expect(await local.call(SUCCEED)).toBe('refused');
    await fleet.time.run(6_000);
    const call = local.begin({ ...FAIL, afterMs: 200 });
    await fleet.time.run(100);
    local.fault = () => undefined;
    await fleet.time.until(local.breaker.status());
    expect(await fleet.time.until(call)).toBe('failure');
    expect(await fleet.item()).toEqual(before);
  });
});

describe('13. A transition whose answers are all lost', () => {
  it('is told once, when its writer sees that it was made', async () => {
    const fleet = fleetOf(1, { openMs: 60_000, maxOpenMs: 60_000 });
    const [writer] = fleet.instances as [Instance];
    writer.fault = (write) => (write?.operation === 'trip' ? 'answerLost' : undefined);
    await fleet.callInTurn(T, FAIL);
    expect(fleet.history).toEqual([]);
    writer.fault = () => undefined;
    await fleet.time.run(5_000);
    expect(await writer.call(SUCCEED)).toBe('refused');
    expect(fleet.history).toEqual(['trip']);
  });

  it('is told even if another call finds the store out of reach before it is repeated', async () => {
    const fleet = fleetOf(1, { failureThreshold: 1 });
    const [writer] = fleet.instances as [Instance];
    await writer.call(SUCCEED);
    const call = writer.begin(FAIL);
    await fleet.time.run(23);
    writer.fault = (write) => (write ? 'answerLost' : 'silent');
    await fleet.time.until(Promise.all([call, writer.begin(SUCCEED)]));
    expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
    writer.fault = () => undefined;
    await fleet.time.run(5_100);
    await writer.call(SUCCEED);
    expect(fleet.history.slice(0, 1)).toEqual(['trip']);
  });

  it('is not told if it was not made', async () => {
    const fleet = fleetOf(1);
    const [writer] = fleet.instances as [Instance];
    writer.fault = (write) => (write?.operation === 'trip' ? 'silent' : undefined);
    await fleet.callInTurn(T, FAIL);
    writer.fault = () => undefined;
    await fleet.time.run(5_000);
    await writer.call(SUCCEED);
    expect(fleet.history).toEqual([]);
  });
});

it('A store that takes no writes is left alone longer and longer, though it answers reads', async () => {
  const fleet = fleetOf(1);
  const [instance] = fleet.instances as [Instance];
  let writes = 0;
  instance.fault = (write) => {
    if (write) writes++;
    return write ? 'down' : undefined;
  };
  await fleet.time.until(durations(instance, FAIL, 300_000));
  expect(writes).toBeGreaterThan(5);
  expect(writes).toBeLessThan(30);
});

describe('While the store throttles', () => {
  it('an instance whose failures cannot be written pauses, trips alone, and tells it', async () => {
    const fleet = fleetOf(1);
    const [instance] = fleet.instances as [Instance];
    await instance.call(SUCCEED);
    instance.fault = (write) => (write ? 'throttled' : undefined);
    expect(await fleet.callInTurn(3, FAIL)).toEqual(['failure', 'failure', 'refused']);
    expect(instance.storeChanges).toEqual([]);
    await fleet.time.run(1_000);
    expect(await fleet.callInTurn(2, FAIL)).toEqual(['failure', 'refused']);
    expect(instance.storeChanges).toMatchObject([
      { available: false, error: { kind: 'throttled' } },
    ]);
    expect(fleet.told).toMatchObject([{ operation: 'trip', scope: 'instance' }]);
  });

  it.each(['all', 'writes'])(
    'at most T calls and one trial per open period of an instance reach the downstream: %s',
    async (which) => {
      const fleet = fleetOf(1);
      const [instance] = fleet.instances as [Instance];
      await instance.call(SUCCEED);
      instance.fault = (write) => (write || which === 'all' ? 'throttled' : undefined);
      const before = fleet.started;
      for (let i = 0; i < 300; i++) {
        await instance.call(FAIL);
        await fleet.time.run(80);
      }
      expect(fleet.started - before).toBeLessThanOrEqual(T + 6);
      expect(instance.storeChanges).toMatchObject([{ available: false }]);
      instance.fault = () => undefined;
      await fleet.time.run(60_000);
      await fleet.callInTurn(3, SUCCEED);
      expect(instance.isOut).toBe(false);
    },
  );

  it('an instance that tripped alone follows the fleet when that has moved on', async () => {
    const fleet = fleetOf(2);
    const [instance, other] = fleet.instances as [Instance, Instance];
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
