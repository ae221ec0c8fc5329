/** Promises and numbers that a caller hands over and that do not behave. */
import { createBreaker, memoryStore } from 'fleet-breaker';
import { expect, it, onTestFinished } from 'vitest';
import { fleetOf, SUCCEED } from '../situations/fleet-of.ts';

it('A read ahead that never ends is waited for no longer than a read that has to connect', async () => {
  const fleet = fleetOf(1);
  const [instance] = fleet.instances;
  const startedAtMs = fleet.time.nowMs;
  const prefetched = new Promise<void>(() => {});
  expect(await instance?.call(SUCCEED, { prefetched })).toBe('success');
  expect(fleet.time.nowMs - startedAtMs).toBeLessThan(600);
});

it.each<[string, (breaker: ReturnType<typeof breakerOf>) => unknown]>([
  [
    'of the time that is left',
    (breaker) =>
      breaker.execute(() => 1, {
        remainingMs: (async () => Promise.reject(new Error('no'))) as never,
      }),
  ],
  [
    'that was given in the place of a call',
    (breaker) => breaker.execute(Promise.reject(new Error('no')) as never),
  ],
])('A rejected promise %s is never unhandled', async (_, act) => {
  const unhandled: unknown[] = [];
  const listen = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listen);
  onTestFinished(() => void process.off('unhandledRejection', listen));
  await Promise.resolve(act(breakerOf())).catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});

it('A classify that changes the result does not change the answer', async () => {
  const classify = (result: object) => {
    Object.assign(result, { value: 'changed' });
    return 'success' as const;
  };
  const breaker = createBreaker({ name: 'x', store: memoryStore(), classify });
  expect(await breaker.execute(() => 'good')).toBe('good');
});

it.each([Number.NaN, 7, -1, 'a'])(
  'A random of %s writes an item that makes sense',
  async (random) => {
    const store = memoryStore();
    const options = { name: 'x', store, failureThreshold: 1, random: () => random as number };
    const breaker = createBreaker(options);
    await breaker.execute(() => Promise.reject(new Error('no'))).catch(() => {});
    expect((await breaker.status()).store).toBe('available');
    expect(store.items.get('x')).toMatchObject({ state: 'OPEN', openDurationMs: 5_000 });
  },
);

it('An error is a failure although it carries a status that is well, and the fallback answers', async () => {
  const breaker = breakerOf();
  const error = new Error('not what was agreed', { cause: new Response('x', { status: 200 }) });
  const answer = await breaker.execute(() => Promise.reject(error), { fallback: () => 'instead' });
  expect([answer, (await breaker.status()).streakScore]).toEqual(['instead', 1]);
});

function breakerOf() {
  return createBreaker({ name: 'x', store: memoryStore() });
}
