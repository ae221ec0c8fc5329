import { expect, test } from 'vitest';
import type { Invocation } from '../raw/logs.ts';
import { concurrencyBySecond, describeFunctions, peakConcurrency } from './functions.ts';

const invocation = (fromMs: number, toMs: number, rest: Partial<Invocation> = {}): Invocation => ({
  part: 'product',
  startedAtMs: fromMs,
  endedAtMs: toMs,
  durationMs: toMs - fromMs,
  billedMs: toMs - fromMs,
  initMs: undefined,
  memoryMb: 256,
  coldStart: false,
  store: { reads: 0, writes: 0 },
  productFailures: 0,
  ...rest,
});
const span = { startedAtMs: 0, elapsedSeconds: 3, seconds: 3 };
const described = (...invocations: Invocation[]) => describeFunctions(invocations)[0];

test('environments are busy at once while their invocations overlap', () => {
  const all = [invocation(0, 1500), invocation(200, 400), invocation(300, 2100)];
  expect(described(...all)).toMatchObject({ invocations: 3, peakConcurrency: 3 });
  expect(concurrencyBySecond(all, span)).toEqual([{ part: 'product', busy: [3, 2, 1] }]);
});

test('an invocation that begins when another ends may use the same environment', () => {
  expect(described(invocation(0, 500), invocation(499.2, 900))?.peakConcurrency).toBe(1);
  expect(described(invocation(0, 500), invocation(498, 900))?.peakConcurrency).toBe(2);
});

test('an invocation of less than a millisecond is seen too', () => {
  expect(described(invocation(0.8, 1))?.peakConcurrency).toBe(1);
});

test('a cold start keeps its environment busy from the start of its initialization', () => {
  const cold = { initMs: 300, coldStart: true };
  expect(described(invocation(0, 500), invocation(600, 900, cold))?.peakConcurrency).toBe(2);
  const ahead = { initMs: 300, coldStart: false };
  expect(described(invocation(0, 500), invocation(600, 900, ahead))?.peakConcurrency).toBe(1);
});

test('billed time is weighed with the memory', () => {
  const [half, quarter] = [{ memoryMb: 512 }, { memoryMb: 256 }];
  const one = described(invocation(0, 2000, half), invocation(0, 1000, quarter));
  expect(one).toMatchObject({ billedSeconds: 3, billedGbSeconds: 1.25, meanDurationMs: 1500 });
});

test('functions are told apart, and their peaks are not simply added up', () => {
  const all = [invocation(0, 100), invocation(200, 300, { part: 'recommendations' })];
  expect(describeFunctions(all).map(({ part }) => part)).toEqual(['product', 'recommendations']);
  expect(peakConcurrency(all)).toBe(1);
});
