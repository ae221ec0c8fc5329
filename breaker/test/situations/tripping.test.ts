import { describe, expect, it } from 'vitest';
import { Fleet } from '../support/fleet.ts';
import { Monitor } from '../support/monitor.ts';

const FAIL = { does: 'fail' } as const;
const SUCCEED = { does: 'succeed' } as const;
const T = 3;

const fleetOf = (count: number, options: ConstructorParameters<typeof Fleet>[0] = {}) => {
  const fleet = new Fleet({ failureThreshold: T, ...options });
  fleet.addMany(count);
  return fleet;
};

it.each([1, 2, 3, 5, 8])(
  '1. Fifty failures reported in lockstep trip the circuit, once, at any threshold: %i',
  async (failureThreshold) => {
    const fleet = fleetOf(50, { failureThreshold });
    await fleet.callAll({ does: 'fail', afterMs: 300 });
    expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
    expect(fleet.history).toEqual(['trip']);
  },
);

it('1. Calls that were all under way when the first of them failed fast are one failure', async () => {
  const fleet = fleetOf(50);
  await fleet.callAll({ does: 'fail', afterMs: 200 });
  expect(await fleet.item()).toMatchObject({ state: 'CLOSED', streakFailures: 1 });
  await fleet.callAll(FAIL);
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
  expect(fleet.history).toEqual(['trip']);
});

it.each([1, 2, 3, 5, 50])(
  '3. Failures in turn over %i instances trip at the third',
  async (count) => {
    const fleet = fleetOf(count);
    const answers = await fleet.callInTurn(60, FAIL);
    expect(answers.slice(0, T)).toEqual(['failure', 'failure', 'failure']);
    expect(new Set(answers.slice(T))).toEqual(new Set(['refused']));
    expect(fleet.started).toBe(T);
  },
);

it('3. A success between two failures begins the count again', async () => {
  const fleet = fleetOf(5);
  for (let round = 0; round < 5; round++) {
    expect(await fleet.callInTurn(T - 1, FAIL)).toEqual(['failure', 'failure']);
    expect(await fleet.callInTurn(1, SUCCEED)).toEqual(['success']);
  }
  expect(fleet.history).toEqual([]);
});

it('3. A failure that is older than the window no longer counts', async () => {
  const fleet = fleetOf(1);
  for (let round = 0; round < 4; round++) {
    await fleet.callInTurn(T - 1, FAIL);
    await fleet.time.run(30_000);
  }
  expect(fleet.history).toEqual([]);
  expect(await fleet.item()).toMatchObject({ streakId: 4, streakFailures: T - 1 });
});

it('4. An instance whose failure was refused by an open circuit refuses its next call without a read', async () => {
  const fleet = fleetOf(1);
  const late = fleet.add();
  const call = late.begin({ does: 'fail', afterMs: 200 });
  await fleet.callInTurn(T, FAIL, fleet.instances.slice(0, 1));
  await fleet.time.until(call);
  let contacts = 0;
  late.fault = () => {
    contacts++;
    return undefined;
  };
  expect(await late.call(FAIL)).toBe('refused');
  expect(contacts).toBe(0);
});

it('14. Every transition is told once, by the instance that wrote it', async () => {
  const monitor = new Monitor({
    failureThreshold: T,
    openMs: 1_000,
    streakWindowMs: 30_000,
    hasTrueClocks: true,
    nowMs: () => fleet.time.nowMs,
  });
  const fleet: Fleet = fleetOf(20, { openMs: 1_000, maxOpenMs: 2_000, listener: monitor });
  for (let round = 0; round < 60; round++) {
    await fleet.callAll(round < 40 ? FAIL : SUCCEED);
    await fleet.time.run(200);
  }
  monitor.checkTold();
  expect(monitor.problems).toEqual([]);
  const { generation, state } = await fleet.item();
  expect(state).toBe('CLOSED');
  expect(fleet.told.map((transition) => transition.generation)).toEqual(
    Array.from({ length: Number(generation) }, (_, i) => i + 1),
  );
  expect(new Set(fleet.history)).toEqual(new Set(['trip', 'claimProbe', 'reopen', 'recover']));
});
it.each([0, 250])(
  '15. A cold instance makes no call during an outage: view TTL %i ms',
  async (viewTtlMs) => {
    const fleet = fleetOf(0, { viewTtlMs });
    await fleet.trip();
    for (let i = 0; i < 20; i++) expect(await fleet.add().call(SUCCEED)).toBe('refused');
    const ahead = fleet.add();
    const prefetched = ahead.breaker.prefetch();
    expect(await ahead.call(SUCCEED, { prefetched })).toBe('refused');
    expect(fleet.started).toBe(T);
  },
);

describe('A call that ran longer than 250 ms speaks of the streak that began meanwhile', () => {
  it.each([
    ['a success ends it', 'succeed', { state: 'CLOSED', streakId: 1, streakFailures: undefined }],
    ['a failure adds to it', 'fail', { state: 'CLOSED', streakId: 1, streakFailures: 2 }],
  ] as const)('%s', async (_, does, expected) => {
    const fleet = fleetOf(2);
    const [long, other] = fleet.instances;
    const call = long?.begin({ does, afterMs: 300 });
    await fleet.time.run(50);
    await other?.call(FAIL);
    await fleet.time.until(call ?? Promise.reject());
    expect({ streakFailures: undefined, ...(await fleet.item()) }).toMatchObject(expected);
  });
});

describe('A slow call', () => {
  const slowCallMs = 500;

  it('counts as failed while it still runs', async () => {
    const fleet = fleetOf(T, { slowCallMs });
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
      expect(await fleet.item()).toMatchObject({ state: 'CLOSED', streakId: 1, streakFailures: 1 });
      expect(fleet.instances[0]?.records).toHaveLength(1);
    },
  );

  it('is none if it ends in time', async () => {
    const fleet = fleetOf(1, { slowCallMs });
    await fleet.callInTurn(5, { does: 'succeed', afterMs: 490 });
    expect(await fleet.item()).toEqual({});
  });
});
