import { expect, test } from 'vitest';
import { distribution, percentile } from './statistics.ts';

const oneTo = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

test.each([
  [[7], 50, 7],
  [[1, 2], 50, 1],
  [[1, 2, 3], 50, 2],
  [oneTo(100), 95, 95],
  [oneTo(100), 99, 99],
  [oneTo(101), 99, 100],
  [oneTo(10), 0, 1],
  [oneTo(10), 100, 10],
])('of %j the percentile %i is the value %i', (values, percent, expected) => {
  expect(percentile(values, percent)).toBe(expected);
});

test('a distribution does not depend on the order of its values', () => {
  const expected = { min: 1, mean: 50.5, median: 50, p95: 95, p99: 99, max: 100 };
  expect(distribution(oneTo(100))).toEqual(expected);
  expect(distribution(oneTo(100).reverse())).toEqual(expected);
});

test('nothing has no distribution', () => {
  expect(distribution([])).toBeUndefined();
});
