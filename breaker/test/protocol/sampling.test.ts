import { describe, expect, it } from 'vitest';
import type { ClosedCircuit } from '../../src/protocol/circuit.ts';
import { countedSample, sampled, sampledOneIn } from '../../src/protocol/sampling.ts';
import { closed, failing, NOW_MS, open, probing } from '../support/circuits.ts';

const measured = (sampledCalls: number, ageMs: number): ClosedCircuit => {
  return { ...failing, sampledCalls, sampledSinceMs: NOW_MS - ageMs };
};

describe('One in so many calls reports that 100 a second do', () => {
  it.each<[string, ClosedCircuit, number]>([
    ['none were measured', closed, 1],
    ['100 in less than a second', measured(100, 10), 1],
    ['101 in less than a second', measured(101, 10), 2],
    ['1,000 in a second', measured(1_000, 1_000), 10],
    ['1,000 in two seconds', measured(1_000, 2_000), 5],
    ['1,000 by a clock that is two seconds ahead', measured(1_000, -2_000), 5],
    ['100,000 in 9.999 s', measured(100_000, 9_999), 101],
    ['100,000 in 10 s, so long ago that it says nothing', measured(100_000, 10_000), 1],
  ])('%s', (_, circuit, oneIn) => {
    expect(sampledOneIn(circuit, NOW_MS)).toBe(oneIn);
  });

  it.each([open, probing])('all do while $state', (circuit) => {
    expect(sampledOneIn(circuit, NOW_MS)).toBe(1);
  });
});

describe('A report', () => {
  const own = { luck: 0.15, calls: 1 };

  it('belongs to a sample by its luck, and then stands for the others', () => {
    expect(sampled(own, 1)).toBe(own);
    expect(sampled(own, 6)).toEqual({ luck: 0.15 * 6, calls: 6 });
    expect(sampled(own, 7)).toBeUndefined();
    expect(sampled({ luck: 0.5, calls: 1 }, 2)).toBeUndefined();
  });

  it('belongs to the smaller of two samples as if it had been asked of that alone', () => {
    const first = sampled(own, 3) ?? own;
    expect(sampled(first, 6)).toEqual({ luck: expect.closeTo(0.9), calls: 6 });
    expect(sampled(first, 7)).toBeUndefined();
    expect(sampled(first, 2)).toBe(first);
  });
});

describe('A report that stands for 5 calls', () => {
  it.each<[string, ClosedCircuit, ReturnType<typeof countedSample>]>([
    ['begins to measure', closed, { set: { sampledCalls: 5, sampledSinceMs: NOW_MS }, add: {} }],
    ['adds to what is measured', measured(40, 2_999), { set: {}, add: { sampledCalls: 5 } }],
    [
      'carries on what was measured long enough',
      measured(3_000, 3_000),
      { set: { sampledCalls: 1_005, sampledSinceMs: NOW_MS - 1_000 }, add: {} },
    ],
    [
      'drops what was measured too long ago',
      measured(3_000, 10_000),
      { set: { sampledCalls: 5, sampledSinceMs: NOW_MS }, add: {} },
    ],
  ])('%s', (_, circuit, expected) => {
    expect(countedSample(circuit, 5, NOW_MS)).toEqual(expected);
  });
});
