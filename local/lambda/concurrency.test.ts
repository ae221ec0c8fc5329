import { describe, expect, it } from 'vitest';
import { createConcurrency } from './concurrency.ts';

const free = (name: string) => ({ name, reservedConcurrency: undefined });
const reserving = (name: string, reservedConcurrency: number) => ({ name, reservedConcurrency });

describe('concurrency limits', () => {
  it('throttle all unreserved functions together at the account limit', () => {
    const limits = createConcurrency(2, [free('a'), free('b')]);
    expect([limits.take('a'), limits.take('b'), limits.take('a')]).toEqual([true, true, false]);
  });

  it('let the next invocation in as soon as one has ended', () => {
    const limits = createConcurrency(1, [free('a')]);
    limits.take('a');
    limits.giveBack('a');
    expect(limits.take('a')).toBe(true);
  });

  it('hold a function to its reservation, and keep that share from the others', () => {
    const limits = createConcurrency(3, [free('a'), reserving('b', 2)]);
    expect([limits.take('b'), limits.take('b'), limits.take('b')]).toEqual([true, true, false]);
    expect([limits.take('a'), limits.take('a')]).toEqual([true, false]);
  });

  it('switch a function off that reserves none', () => {
    expect(createConcurrency(10, [reserving('a', 0)]).take('a')).toBe(false);
  });

  it('cannot reserve more than the account has', () => {
    expect(() => createConcurrency(3, [reserving('a', 2), reserving('b', 2)])).toThrow(
      'more concurrency than the account has (3)',
    );
  });
});
