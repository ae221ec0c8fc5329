/** What the stores' contract does not say of writes: by whose clock, and for how long. */
import { describe, expect, it } from 'vitest';
import { applyWrite } from '../../src/protocol/apply-write.ts';
import * as writes from '../../src/protocol/writes.ts';
import { context, failing, NOW_MS, open, probing } from '../support/circuits.ts';

const NO_CAUSE = { cause: '' };
const ctx = context();
const two = { ...failing, streakFailures: 2 };

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
  });
});
