/** A function that is wrapped once and called with its own arguments. */
import { CircuitOpenError, createBreaker, memoryStore } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';

const newBreaker = () =>
  createBreaker({ name: 'prices', store: memoryStore(), failureThreshold: 1 });

describe('A wrapped function', () => {
  it('is given the signal and then its arguments', async () => {
    const given: unknown[] = [];
    const sum = newBreaker().wrap(async (signal, a: number, b: number) => {
      given.push(signal instanceof AbortSignal, a, b);
      return a + b;
    });
    await expect(sum(2, 3)).resolves.toBe(5);
    expect(given).toEqual([true, 2, 3]);
  });

  it('counts, and is refused, like a call of execute', async () => {
    const breaker = newBreaker();
    const fail = breaker.wrap(() => Promise.reject(new Error('no')));
    await expect(fail()).rejects.toThrow('no');
    await expect(fail()).rejects.toBeInstanceOf(CircuitOpenError);
    expect(await breaker.status()).toMatchObject({ state: 'OPEN' });
  });

  it('falls back by the arguments of the call', async () => {
    const lastKnown = newBreaker().wrap((_, id: string) => Promise.reject(new Error(id)), {
      fallback: (error, id) => `${(error as Error).name} for ${id}`,
    });
    expect([await lastKnown('a'), await lastKnown('b')]).toEqual([
      'Error for a',
      'CircuitOpenError for b',
    ]);
  });

  it('has the time that its options leave it', async () => {
    let isCalled = false;
    const breaker = newBreaker();
    const late = breaker.wrap(() => (isCalled = true), { remainingMs: () => 1 });
    await expect(late()).rejects.toThrow('No time left');
    expect(isCalled).toBe(false);
  });
});

describe('What cannot be wrapped is a TypeError at once', () => {
  it.each<[string, unknown[], RegExp]>([
    ['a promise', [Promise.resolve()], /wrap\(\).*call: got the promise of a call/s],
    ['a misspelt option', [() => 1, { fallbak: () => 1 }], /did you mean fallback\?/],
    ['a fallback that is a value', [() => 1, { fallback: [] }], /fallback: got an array/],
    ['what belongs to one call', [() => 1, { prefetched: Promise.resolve() }], /no such option/],
  ])('%s', (_, given, says) => {
    const wrap = newBreaker().wrap as (...given: unknown[]) => unknown;
    expect(() => wrap(...given)).toThrow(says);
  });
});
