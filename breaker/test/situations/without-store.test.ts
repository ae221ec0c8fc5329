/** While the store is out of reach an instance goes on by itself, in local mode. */
import { describe, expect, it } from 'vitest';
import type {
  Behaviour,
  FaultOf,
  Fleet,
  FleetInstance,
  FleetOptions,
} from '../../simulation/fleet.ts';
import {
  durations,
  FAIL,
  fleetOf as fleetWith,
  HANG,
  NO_FAULT,
  OPEN_MS,
  SUCCEED,
  setFault,
  THRESHOLD,
} from './fleet-of.ts';

const CALL_TIMEOUT_MS = 1_000;
const READ_MS = 60;
const FIRST_READ_MS = 500;

function fleetOf(count: number, options: FleetOptions = {}): Fleet {
  return fleetWith(count, { callTimeoutMs: CALL_TIMEOUT_MS, maxOpenMs: OPEN_MS, ...options });
}

describe('With the store out of reach for 60 s and the downstream dead', () => {
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
        const limit = trials + (cold.includes(instance) ? THRESHOLD : 0);
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
      expect(calls).toBeGreaterThanOrEqual(THRESHOLD);
      expect(calls).toBeLessThanOrEqual(THRESHOLD + Math.ceil(60_000 / (0.9 * OPEN_MS)));
    }
    expect(fleet.history).toEqual([]);
    expect(fleet.published.filter(({ operation }) => operation === 'trip')).toHaveLength(10);
  });

  it('a store that is late just when the open period ends does not make every instance try', async () => {
    const fleet = fleetOf(50);
    await fleet.trip();
    await fleet.callAll(SUCCEED);
    await fleet.time.run(OPEN_MS + 800);
    setFault(fleet, () => 'down');
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['refused']));
    setFault(fleet, NO_FAULT);
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

  it('calls admitted before the outage still count', async () => {
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

describe('When the store comes back', () => {
  it('what each instance counted in local mode is dropped, and trips nothing', async () => {
    const fleet = fleetOf(10);
    await fleet.callAll(SUCCEED);
    setFault(fleet, () => 'down');
    for (let i = 0; i < THRESHOLD - 1; i++) {
      await fleet.callAll(FAIL);
      await fleet.time.run(100);
    }
    setFault(fleet, NO_FAULT);
    for (let i = 0; i < 20; i++) {
      expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
      await fleet.time.run(100);
    }
    for (const { storeChanges } of fleet.instances)
      expect(storeChanges.map(({ available }) => available)).toEqual([false, true]);
    expect(fleet.published).toEqual([]);
    expect(await fleet.item()).toEqual({});
  });

  it('an instance that was open in local mode joins the closed fleet within 5 s', async () => {
    const fleet = fleetOf(2, { openMs: 60_000, maxOpenMs: 60_000 });
    const [local, other] = fleet.instances as [FleetInstance, FleetInstance];
    await fleet.callAll(SUCCEED);
    local.fault = () => 'down';
    await fleet.callInTurn(THRESHOLD, FAIL, [local]);
    expect(await local.call(SUCCEED)).toBe('refused');
    expect(await other.call(SUCCEED)).toBe('success');
    local.fault = NO_FAULT;
    await fleet.time.run(5_000);
    expect(await local.call(SUCCEED)).toBe('success');
    expect(fleet.history).toEqual([]);
  });

  it('an instance that was closed in local mode obeys the open fleet at its first read', async () => {
    const fleet = fleetOf(1);
    const [local] = fleet.instances as [FleetInstance];
    await local.call(SUCCEED);
    local.fault = () => 'down';
    await local.call(SUCCEED);
    await fleet.trip();
    expect(await local.call(SUCCEED)).toBe('success');
    local.fault = NO_FAULT;
    await fleet.time.run(500);
    expect(await local.call(SUCCEED)).toBe('refused');
  });

  it('the result of a local trial is dropped', async () => {
    const fleet = fleetOf(1);
    const [local] = fleet.instances as [FleetInstance];
    await fleet.trip();
    await local.call(SUCCEED);
    await fleet.time.run(6_000);
    const before = await fleet.item();
    local.fault = () => 'down';
    expect(await local.call(SUCCEED)).toBe('refused');
    await fleet.time.run(6_000);
    const call = local.begin({ ...FAIL, afterMs: 200 });
    await fleet.time.run(100);
    local.fault = NO_FAULT;
    await fleet.time.until(local.breaker.status());
    expect(await fleet.time.until(call)).toBe('failure');
    expect(await fleet.item()).toEqual(before);
  });
});

describe('A failure of a call admitted in local mode', () => {
  async function failAcrossOutage(duringOutage: (fleet: Fleet) => Promise<void>): Promise<Fleet> {
    const fleet = fleetOf(1);
    const [a] = fleet.instances as [FleetInstance];
    await a.call(SUCCEED);
    a.fault = () => 'down';
    const call = a.begin({ ...FAIL, afterMs: 700 });
    await fleet.time.run(300);
    await duringOutage(fleet);
    a.fault = NO_FAULT;
    expect(await fleet.time.until(call)).toBe('failure');
    return fleet;
  }

  it('is reported if the store is in reach by then', async () => {
    const fleet = await failAcrossOutage(async () => {});
    expect(await fleet.item()).toMatchObject({ streakScore: 1 });
  });

  it('is inert if the fleet has moved on meanwhile', async () => {
    const fleet = await failAcrossOutage(async (fleet) => {
      const { breaker } = fleet.add();
      await fleet.time.until(breaker.forceClosed('drill'));
      await fleet.time.until(breaker.release());
    });
    expect(await fleet.item()).not.toHaveProperty('streakScore');
  });
});

it('Two failures of one instance at the moment the store goes down both count', async () => {
  const fleet = fleetOf(1);
  const [instance] = fleet.instances as [FleetInstance];
  await instance.call(FAIL);
  instance.fault = (write) => (write?.operation === 'countFailure' ? 'down' : undefined);
  await fleet.time.until(Promise.all([instance.begin(FAIL), instance.begin(FAIL)]));
  instance.fault = () => 'down';
  expect(await instance.call(SUCCEED)).toBe('refused');
});

describe('A circuit that no instance could write while its downstream recovered', () => {
  it.each(['down', 'silent', 'throttled'] as const)(
    'is closed for the fleet once it can be written: writes %s',
    async (fault) => {
      const fleet = fleetOf(3);
      await fleet.trip();
      await fleet.callAll(SUCCEED);
      setFault(fleet, (write) => (write ? fault : undefined));
      for (let second = 0; second < 40; second++) {
        await fleet.callAll(SUCCEED);
        await fleet.time.run(1_000);
      }
      expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
      setFault(fleet, NO_FAULT);
      // The back-off after so many failures is 30 s at most.
      for (let second = 0; second < 35; second++) {
        await fleet.callAll(SUCCEED);
        await fleet.time.run(1_000);
      }
      expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
      expect(fleet.history.slice(-2)).toEqual(['claimProbe', 'recover']);
      expect(await fleet.callAll(SUCCEED)).toEqual(['success', 'success', 'success']);
      expect(fleet.instances.some(({ isOut }) => isOut)).toBe(false);
    },
  );
});
