import { expect, it } from 'vitest';
import { UNKNOWN_LATENCY, usualMs, withSuccess } from '../../src/protocol/latency.ts';

const after = (successesMs: readonly number[]) =>
  usualMs(successesMs.reduce(withSuccess, UNKNOWN_LATENCY));

it('Without a success nothing is usual', () => {
  expect(after([])).toBeUndefined();
});

it.each([
  ['one', [50], 50],
  ['equal ones', [50, 50, 50], 50],
  ['two: their mean and standard deviation', [40, 60], 60],
  ['four', [40, 60, 40, 60], 60],
])('What is usual comes from all of the first successes: %s', (_, successesMs, expected) => {
  expect(after(successesMs)).toBe(expected);
});

it('What is usual follows a downstream that has become slower or faster', () => {
  const slow = Array(100).fill(1_500);
  const fast = Array(100).fill(5);
  expect(after([...fast, ...slow])).toBeGreaterThan(1_450);
  expect(after([...slow, ...fast])).toBeLessThan(250);
});

it('At least half of the successes end within what is usual, however they are distributed', () => {
  const distributions: readonly (readonly number[])[] = [
    [50, 50, 50, 60],
    [5, 5, 5, 5, 5, 5, 5, 5, 5, 1_500],
    [5, 1_500],
    [20, 30, 40, 50, 80, 150, 500],
  ];
  for (const times of distributions) {
    const many = Array.from({ length: 40 }, () => times).flat();
    const withinMs = after(many) ?? 0;
    const inTime = times.filter((ms) => ms <= withinMs);
    expect(inTime.length).toBeGreaterThanOrEqual(times.length / 2);
  }
});
