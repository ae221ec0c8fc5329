import { describe, expect, it } from 'vitest';
import type { ClosedCircuit } from '../../src/protocol/circuit.ts';
import { hasLiveStreak, isFairSample, type Sample } from '../../src/protocol/fair-sample.ts';
import { closed, context, failing, NOW_MS, open, probing } from '../support/circuits.ts';

describe('A streak', () => {
  it.each([
    ['30 s ago', -30_000, false],
    ['29.999 s ago', -29_999, true],
    ['in 29.999 s, by a fast clock', 29_999, true],
    ['in 30 s, by a fast clock', 30_000, false],
  ])('lives only as long as it counts calls: the last one %s', (_, agoMs, isLive) => {
    const circuit = { ...failing, streakStartedAtMs: 0, updatedAtMs: NOW_MS + agoMs };
    expect(hasLiveStreak(circuit, NOW_MS, 30_000)).toBe(isLive);
    for (const none of [closed, open, probing])
      expect(hasLiveStreak(none, NOW_MS, 30_000)).toBe(false);
  });
});

const KNEW: ClosedCircuit = failing;
const DID_NOT: ClosedCircuit = { ...failing, streakId: 3 };
const SAMPLE: Sample = { ranMs: 20, usualMs: 100, viewMs: 0, luck: 0.5 };

function isFair(
  ageMs: number,
  admittedTo: ClosedCircuit,
  { failureRate = 0.5, ...own }: Partial<Sample> & { failureRate?: number } = {},
  circuit: Partial<ClosedCircuit> = {},
): boolean {
  const current = { ...failing, streakStartedAtMs: NOW_MS - ageMs, ...circuit };
  return isFairSample(current, admittedTo, { ...SAMPLE, ...own }, context({ failureRate }));
}

describe('A call counts only once a success that began with the streak would have ended', () => {
  it.each<[string, Partial<Sample>, Partial<ClosedCircuit>, number]>([
    ['usually so many milliseconds', {}, {}, 110],
    [
      'no success known to this instance, one known to others',
      { usualMs: undefined },
      { usualMs: 40 },
      50,
    ],
    ['both known: its own counts', {}, { usualMs: 40 }, 110],
    ['none known to anybody: the call timeout', { usualMs: undefined }, {}, 2_010],
    ['slower than the call timeout by now', { usualMs: 5_000 }, {}, 2_010],
  ])('%s', (_, own, circuit, fromMs) => {
    for (const admittedTo of [KNEW, DID_NOT]) {
      const sample = { ...own, ranMs: 251 };
      expect(isFair(fromMs - 1, admittedTo, sample, circuit)).toBe(false);
      expect(isFair(fromMs, admittedTo, sample, circuit)).toBe(true);
    }
    expect(isFair(fromMs, KNEW, own, circuit)).toBe(true);
    expect(isFair(fromMs, DID_NOT, { ...own, ranMs: 250 }, circuit)).toBe(false);
  });

  it("by a clock that is behind the writer's, too", () => {
    expect(isFair(-109, KNEW)).toBe(false);
    expect(isFair(-110, KNEW)).toBe(true);
  });
});

describe('While views make a streak known to few calls', () => {
  it.each([
    [0.5, 109, false],
    [0, 110, true],
    [0.5, 234, false],
    [0.5, 235, true],
    [0.99, 357, false],
    [0.99, 358, true],
  ])('as few of the others count: luck %d, age %d ms', (luck, ageMs, isCounted) => {
    const sample = { ranMs: 2_000, viewMs: 250, luck };
    expect(isFair(ageMs, DID_NOT, sample)).toBe(isCounted);
    expect(isFair(ageMs, KNEW, sample)).toBe(ageMs >= 110);
  });
});

describe('Where only failures in a row trip', () => {
  it.each<[string, Partial<ClosedCircuit>, boolean]>([
    ['nothing was wrong before', {}, true],
    ['a streak ended a minute ago', { clearedAtMs: NOW_MS - 60_000 }, true],
    ['a streak ended just now', { clearedAtMs: NOW_MS - 59_999 }, false],
    ['the circuit closed a minute ago', { closedAtMs: NOW_MS - 60_000 }, true],
    ['the circuit closed just now', { closedAtMs: NOW_MS - 59_999 }, false],
  ])(
    'a streak is believed at once unless others were harmless lately: %s',
    (_, circuit, isCounted) => {
      expect(isFair(1, KNEW, { failureRate: 1 }, circuit)).toBe(isCounted);
      expect(isFair(110, KNEW, { failureRate: 1 }, circuit)).toBe(true);
      expect(isFair(1, KNEW, { failureRate: 0.99 }, circuit)).toBe(false);
      expect(isFair(1, DID_NOT, { failureRate: 1 }, circuit)).toBe(false);
    },
  );
});
