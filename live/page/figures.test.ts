import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../load/outcome.ts';
import type { Answered, Waiting } from '../frames.ts';
import { duration, figuresOf, verdict } from './figures.ts';

const NOW_MS = 100_000;
const gateway = 'gateway-v1' as const;
const answers = (count: number, outcome: Outcome, latencyMs = 5, agoMs = 1_000): Answered[] =>
  Array.from({ length: count }, (_, id) => ({
    ...{ gateway, id, outcome, latencyMs, atMs: NOW_MS - agoMs },
  }));
const waiting = (...agesMs: number[]): Waiting[] =>
  agesMs.map((ageMs, id) => ({ gateway, id, sinceMs: NOW_MS - ageMs }));

describe('the figures of a gateway', () => {
  test('are of the last 10 s only', () => {
    const all = [
      ...answers(7, 'failed', 5, 10_001),
      ...answers(5, 'ok'),
      ...answers(3, 'degraded'),
    ];
    expect(figuresOf(all, [], NOW_MS)).toMatchObject({
      ...{ ok: 5, degraded: 3, failed: 0, perSecond: 0.8 },
    });
  });

  test('have the median and the 95th of a hundred latencies', () => {
    const all = Array.from({ length: 100 }, (_, i) => answers(1, 'ok', i + 1)).flat();
    expect(figuresOf(all, [], NOW_MS)).toMatchObject({ medianMs: 50, p95Ms: 95 });
    expect(figuresOf([], [], NOW_MS)).toMatchObject({ medianMs: undefined, p95Ms: undefined });
  });

  test('tell how many wait, and who has waited longest', () => {
    expect(figuresOf([], waiting(5, 7_000), NOW_MS)).toMatchObject({
      ...{ waiting: 2, longestWaitMs: 7_000 },
    });
  });
});

test.each([
  ['No users yet.', [], []],
  ['Nobody is answered: 2 users wait, the longest for 12 s.', [], waiting(12_400, 5)],
  ['Nobody is answered: 1 user waits, the longest for 3 s.', [], waiting(3_000)],
  ['Everybody gets recommendations, in 5.0 ms.', answers(4, 'ok'), waiting(10)],
  ['Slow: 1 user waits, the longest for 5 s.', answers(4, 'ok'), waiting(5_000)],
  ['Everybody is served without recommendations, in 5.0 ms.', answers(4, 'degraded'), []],
  [
    '1 of 4 are served without recommendations, in 5.0 ms.',
    [...answers(3, 'ok'), ...answers(1, 'degraded')],
    [],
  ],
  ['2 of 6 answers are errors.', [...answers(4, 'ok'), ...answers(2, 'failed')], []],
  [
    '2 of 2 answers are errors. 3 users wait, the longest for 20 s.',
    answers(2, 'failed'),
    waiting(20_000, 1, 2),
  ],
])('the verdict is "%s"', (words, given, wait) => {
  expect(verdict(figuresOf(given, wait, NOW_MS))).toBe(words);
});

test.each([
  [undefined, '–'],
  [0.42, '0.4 ms'],
  [12.3, '12 ms'],
  [1_234, '1.2 s'],
  [29_003, '29 s'],
])('a duration of %s ms is written %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});
