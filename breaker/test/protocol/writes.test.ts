/** What the stores' contract does not say of writes: by whose clock, and for how long. */
import { describe, expect, it } from 'vitest';
import { applyWrite } from '../../src/protocol/apply-write.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import * as writes from '../../src/protocol/writes.ts';
import { closed, context, FAILED, failing, NOW_MS, open, probing } from '../support/circuits.ts';

const NO_CAUSE = { cause: '' };
const ctx = context();
const two = { ...failing, streakScore: 2 };

it.each([
  ['the open period', open, writes.claimProbe(open, ctx)],
  ['the lease', probing, writes.takeOverProbe(probing, ctx)],
])('A claimer whose clock is behind may have waited for %s all the same', (_, item, write) => {
  expect(applyWrite({ ...item }, write).applied).toBe(true);
});

describe('The open period', () => {
  it.each([
    [0, 10_000],
    [1, 20_000],
    [2, 30_000],
    [3, 30_000],
    [1_100, 30_000],
  ])('doubles with every reopening in a row, up to its limit: after %i more', (reopenings, ms) => {
    const openMs = (random: number) =>
      writes.reopen({ ...probing, reopenings }, NO_CAUSE, context({ random })).set.openDurationMs;
    expect(openMs(0.5)).toBe(ms);
    expect(openMs(0)).toBe(0.9 * ms);
    expect(openMs(1)).toBe(1.1 * ms);
  });

  it.each([
    ['never', undefined, 0],
    ['long ago', NOW_MS - 30_001, 0],
    ['lately', NOW_MS - 30_000, 2],
  ])('goes on from the last outage only if the recovery was lately: %s', (_, closedAtMs, kept) => {
    const circuit = { ...two, reopenings: 2, ...(closedAtMs !== undefined && { closedAtMs }) };
    const { set } = writes.trip(circuit, NO_CAUSE, ctx);
    expect(set).toMatchObject({ reopenings: kept, openDurationMs: kept === 0 ? 5_000 : 20_000 });
    const slow = {
      ...circuit,
      ...(closedAtMs !== undefined && { closedAtMs: closedAtMs - 10_000 }),
    };
    const later = writes.trip(slow, NO_CAUSE, context({ rampMs: 10_000 }));
    expect(later.set.reopenings).toBe(kept);
  });
});

it('A trip and a count compare the failures of the streak with the threshold', () => {
  const streak = (is: string, value: number) => ({ attribute: 'streakScore', is, value });
  const { conditions } = writes.trip(two, { cause: 'Error' }, ctx);
  expect(conditions).toContainEqual(streak('atLeast', 2));
  expect(streakWrites.countFailure(two, FAILED, ctx).conditions).toContainEqual(streak('below', 2));
});

it('A write adds to what is measured already, and otherwise says nothing of adding', () => {
  const measured = { ...closed, sampledCalls: 5, sampledSinceMs: NOW_MS - 1_000 };
  const { add } = streakWrites.openStreak(measured, FAILED, ctx);
  expect(add).toEqual({ sampledCalls: 1 });
  expect(streakWrites.openStreak(closed, FAILED, ctx)).not.toHaveProperty('add');
});

it.each([
  ['openStreak', streakWrites.openStreak(two, FAILED, ctx)],
  ['countFailure', streakWrites.countFailure(two, FAILED, ctx)],
  ['clearStreak', streakWrites.clearStreak(two, FAILED, ctx)],
  ['trip', writes.trip(two, { cause: 'Error' }, ctx)],
  ['claimProbe', writes.claimProbe(open, ctx)],
  ['nextProbe', writes.nextProbe(probing, ctx)],
  ['takeOverProbe', writes.takeOverProbe(probing, ctx)],
  ['reportProbe', writes.reportProbe(probing, {}, ctx)],
  ['recover', writes.recover(probing, {}, ctx)],
  ['reopen', writes.reopen(probing, { cause: 'Error' }, ctx)],
  ['override', writes.applyOverride(open, { override: 'FORCED_OPEN', reason: 'x' }, ctx)],
  ['release', writes.applyOverride(open, { reason: 'x' }, ctx)],
  ['close', writes.close(open, 'x', ctx)],
])('The write that people know as %s has that name', (operation, write) => {
  expect(write.operation).toBe(operation);
});
