/** What trips a circuit, and what does not. */
import { createBreaker, memoryStore } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import type { FleetInstance } from '../../simulation/fleet.ts';
import { FAIL, fleetOf, SUCCEED, THRESHOLD } from './fleet-of.ts';

it.each([1, 2, 3, 5, 8])(
  'Fifty failures reported in lockstep trip the circuit once, whatever the threshold: %i',
  async (failureThreshold) => {
    const fleet = fleetOf(50, { failureThreshold });
    await fleet.callAll({ does: 'fail', afterMs: 300 });
    expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
    expect(fleet.history).toEqual(['trip']);
  },
);

it('Calls that were all under way when the first of them failed fast are one failure', async () => {
  const fleet = fleetOf(50);
  await fleet.callAll({ does: 'fail', afterMs: 200 });
  expect(await fleet.item()).toMatchObject({ state: 'CLOSED', streakScore: 1 });
  await fleet.callAll(FAIL);
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
  expect(fleet.history).toEqual(['trip']);
});

it.each([1, 2, 3, 5, 50])('Failures in turn over %i instances trip at the third', async (count) => {
  const fleet = fleetOf(count);
  const answers = await fleet.callInTurn(60, FAIL);
  expect(answers.slice(0, THRESHOLD)).toEqual(['failure', 'failure', 'failure']);
  expect(new Set(answers.slice(THRESHOLD))).toEqual(new Set(['refused']));
  expect(fleet.started).toBe(THRESHOLD);
});

it('A success between two failures begins the count again', async () => {
  const fleet = fleetOf(5);
  for (let round = 0; round < 5; round++) {
    expect(await fleet.callInTurn(THRESHOLD - 1, FAIL)).toEqual(['failure', 'failure']);
    expect(await fleet.callInTurn(1, SUCCEED)).toEqual(['success']);
  }
  expect(fleet.history).toEqual([]);
});

it('A failure older than the streak window no longer counts', async () => {
  const fleet = fleetOf(1);
  for (let round = 0; round < 4; round++) {
    await fleet.callInTurn(THRESHOLD - 1, FAIL);
    await fleet.time.run(30_000);
  }
  expect(fleet.history).toEqual([]);
  expect(await fleet.item()).toMatchObject({ streakId: 4, streakScore: THRESHOLD - 1 });
});

it('An instance whose failure was refused by an open circuit refuses its next call without a read', async () => {
  const fleet = fleetOf(1);
  const late = fleet.add();
  const call = late.begin({ does: 'fail', afterMs: 200 });
  await fleet.callInTurn(THRESHOLD, FAIL, fleet.instances.slice(0, 1));
  await fleet.time.until(call);
  let contacts = 0;
  late.fault = () => {
    contacts++;
    return undefined;
  };
  expect(await late.call(FAIL)).toBe('refused');
  expect(contacts).toBe(0);
});

it.each([0, 250])(
  'A cold instance makes no call while the circuit is open: view TTL %i ms',
  async (viewTtlMs) => {
    const fleet = fleetOf(0, { viewTtlMs });
    await fleet.trip();
    for (let i = 0; i < 20; i++) expect(await fleet.add().call(SUCCEED)).toBe('refused');
    const ahead = fleet.add();
    const prefetched = ahead.breaker.prefetch();
    expect(await ahead.call(SUCCEED, { prefetched })).toBe('refused');
    expect(fleet.started).toBe(THRESHOLD);
  },
);

describe('A call that ran longer than 250 ms is a fair sample of the streak that began meanwhile', () => {
  it.each([
    ['a success ends it', 'succeed', { state: 'CLOSED', streakId: 1, streakScore: undefined }],
    ['a failure adds to it', 'fail', { state: 'CLOSED', streakId: 1, streakScore: 2 }],
  ] as const)('%s', async (_, does, expected) => {
    const fleet = fleetOf(2);
    const [long, other] = fleet.instances;
    const call = long?.begin({ does, afterMs: 300 });
    await fleet.time.run(50);
    await other?.call(FAIL);
    await fleet.time.until(call ?? Promise.reject());
    expect({ streakScore: undefined, ...(await fleet.item()) }).toMatchObject(expected);
  });
});

it('A streak that began at time 0 is a streak', async () => {
  const clock = { now: () => 0, after: () => () => {} };
  const options = { name: 'x', store: memoryStore(), failureThreshold: 3, failureRate: 1, clock };
  const breaker = createBreaker(options);
  for (let i = 0; i < 3; i++)
    await breaker.execute(() => Promise.reject(new Error())).catch(() => {});
  await expect(breaker.execute(() => 1)).rejects.toMatchObject({ name: 'CircuitOpenError' });
});

it.each([
  ['a status that is thrown', () => Promise.reject({ status: 503 }), 'HTTP 503'],
  ['a status that is returned', () => ({ status: 429 }), 'HTTP 429'],
  ['an error', () => Promise.reject(new TypeError('secret')), 'TypeError'],
])('The reason of a trip names %s, and quotes nothing', async (_, call, cause) => {
  const fleet = fleetOf(1, { failureThreshold: 1 });
  const [a] = fleet.instances as [FleetInstance];
  await fleet.time.until(a.breaker.execute<unknown>(call, { fallback: () => 'none' }));
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', reason: `1 x ${cause}` });
});
