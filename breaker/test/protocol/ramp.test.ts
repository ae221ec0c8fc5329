import { describe, expect, it } from 'vitest';
import { admittedShare, doublingMs } from '../../src/protocol/ramp.ts';
import { UNOBSERVED } from '../../src/protocol/view.ts';
import { context, NOW_MS } from '../support/circuits.ts';

const RAMP_MS = 10_000;
const shareAt = (leftMs: number, rampMs: number) =>
  admittedShare({ ...UNOBSERVED, waitUntilMs: NOW_MS + leftMs }, context({ rampMs }));

describe('A circuit that has recovered admits', () => {
  it.each([
    ['one call in 32 at first', 10_000, 1 / 32],
    ['twice as many a fifth of the time later', 8_000, 1 / 16],
    ['half of them a fifth of the time before the end', 2_000, 1 / 2],
    ['all at the end', 0, 1],
    ['all after the end', -1, 1],
    ['all if the clock was set back, for then it would last longer than it should', 10_001, 1],
  ])('%s', (_, leftMs, share) => {
    expect(shareAt(leftMs, RAMP_MS)).toBe(share);
  });

  it.each([-1, 0, 1])('all where there is no slow return (%i ms left)', (leftMs) => {
    expect(shareAt(leftMs, 0)).toBe(1);
  });

  it('twice as many so much later, in whole milliseconds', () => {
    expect(doublingMs(RAMP_MS)).toBe(2_000);
    expect(doublingMs(1)).toBe(1);
  });
});
