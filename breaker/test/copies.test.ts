/** Two copies of the library in one process, as where one dependency imports it and another requires it. */
import { expect, it, vi } from 'vitest';
import * as first from '../src/index.ts';

vi.resetModules();
const second: typeof first = await import('../src/index.ts');

const newBreaker = (library: typeof first, options: Partial<first.BreakerOptions> = {}) =>
  library.createBreaker({
    name: 'downstream',
    store: first.memoryStore(),
    failureThreshold: 1,
    ...options,
  });

it('is about two copies', () => {
  expect(second.CircuitOpenError).not.toBe(first.CircuitOpenError);
});

it('knows an error of another copy by instanceof', async () => {
  const breaker = newBreaker(second);
  await breaker.forceOpen('drill');
  const refusal = await breaker.execute(() => 'value').catch((error) => error);
  expect(refusal).toBeInstanceOf(first.CircuitOpenError);
  expect(refusal).toBeInstanceOf(second.CircuitOpenError);
  expect(refusal).not.toBeInstanceOf(first.CallTimeoutError);
});

it.each([undefined, null, 'CircuitOpenError', new Error('CircuitOpenError'), {}])(
  'takes nothing else for such an error (%s)',
  (other) => {
    expect(other instanceof first.CircuitOpenError).toBe(false);
  },
);

it('tells a subclass of an error from the error', () => {
  class OwnError extends first.StoreError {}
  const own = new OwnError('throttled', 'own');
  expect([own instanceof OwnError, own instanceof second.StoreError]).toEqual([true, true]);
  expect(new first.StoreError('throttled', 'not own') instanceof OwnError).toBe(false);
});

it('believes a store of another copy that it throttles', async () => {
  const throttled = () => Promise.reject(new first.StoreError('throttled', 'too fast'));
  const store = { read: throttled, write: throttled };
  const changes: unknown[] = [];
  const onStoreChange = (change: unknown) => changes.push(change);
  const breaker = newBreaker(second, { store, onStoreChange });
  await breaker.execute(() => 'value');
  // Throttling is no outage; an error that was not recognised would be one.
  expect(changes).toEqual([]);
});

it('takes a call within a call of another copy for a part of it', async () => {
  const store = first.memoryStore();
  const outer = newBreaker(first, { store });
  const inner = newBreaker(second, { store });
  await outer.forceOpen('drill');
  await outer.release();
  // The outer call is the probe: beside it every other call is refused.
  await expect(outer.execute(() => inner.execute(() => 'value'))).resolves.toBe('value');
  expect(await outer.status()).toMatchObject({ state: 'CLOSED' });
});
