/** What `fleet-breaker/testing` gives to the tests of others. */
import { CallTimeoutError, CircuitOpenError, createBreaker, memoryStore } from 'fleet-breaker';
import { breakerIn, failingStore, type StoreTrouble, testClock } from 'fleet-breaker/testing';
import { describe, expect, it, vi } from 'vitest';

const answer = () => 'answer';
const fail = () => Promise.reject(new Error('no'));
const hang = () => new Promise<never>(() => {});

describe('The clock', () => {
  it('stands still until it is advanced, and then runs what is due, in order', async () => {
    const clock = testClock(1_000);
    const ran: [string, number][] = [];
    const note = (name: string) => () => ran.push([name, clock.now()]);
    clock.after(20, note('second'));
    clock.after(10, note('first'));
    clock.after(30, note('later'));
    clock.after(10, note('cancelled'))();
    clock.after(10, () => clock.after(5, note('set meanwhile')));
    expect(clock.now()).toBe(1_000);
    await clock.advance(20);
    expect(ran).toEqual([
      ['first', 1_010],
      ['set meanwhile', 1_015],
      ['second', 1_020],
    ]);
    expect(clock.now()).toBe(1_020);
  });

  it('advances where the test runner fakes the timers', async () => {
    vi.useFakeTimers();
    try {
      const clock = testClock();
      let isDue = false;
      clock.after(10, () => (isDue = true));
      await clock.advance(10);
      expect(isDue).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('cuts a call whose time is up', async () => {
    const { breaker, clock } = breakerIn('CLOSED', { callTimeoutMs: 2_000 });
    const call = breaker.execute(hang).catch((error) => error);
    await clock.advance(2_000);
    expect(await call).toBeInstanceOf(CallTimeoutError);
  });
});

describe('A breaker in a given state', () => {
  it('CLOSED: lets calls pass, and trips after failureThreshold failures', async () => {
    const { breaker } = breakerIn('CLOSED', { failureThreshold: 1 });
    await breaker.execute(fail).catch(() => {});
    await expect(breaker.execute(answer)).rejects.toBeInstanceOf(CircuitOpenError);
  });

  it.each([undefined, 700])(
    'OPEN: refuses until the open period is over (openMs %s)',
    async (given) => {
      const openMs = given ?? 5_000;
      const { breaker, clock } = breakerIn('OPEN', { openMs: given });
      expect(await breaker.status()).toMatchObject({ state: 'OPEN', retryAfterMs: openMs });
      await clock.advance(openMs - 1);
      await expect(breaker.execute(answer)).rejects.toBeInstanceOf(CircuitOpenError);
      await clock.advance(1);
      await expect(breaker.execute(answer)).resolves.toBe('answer');
      expect(await breaker.status()).toMatchObject({ state: 'CLOSED' });
    },
  );

  it('OPEN: opens again when the probe fails', async () => {
    const { breaker, clock } = breakerIn('OPEN');
    await clock.advance(5_000);
    await expect(breaker.execute(fail)).rejects.toThrow('no');
    expect(await breaker.status()).toMatchObject({ state: 'OPEN' });
  });

  it('HALF_OPEN: refuses beside the probe, and makes one itself when the prober is gone', async () => {
    const { breaker, clock } = breakerIn('HALF_OPEN', { callTimeoutMs: 2_000 });
    const error = await breaker.execute(answer).catch((refusal) => refusal);
    expect(error).toMatchObject({ state: 'HALF_OPEN', circuit: 'test' });
    await clock.advance(error.retryAfterMs);
    await expect(breaker.execute(answer)).resolves.toBe('answer');
  });

  it('publishes what it does to the listeners that it is given', async () => {
    const transitions: string[] = [];
    const onTransition = ({ to }: { to: string }) => transitions.push(to);
    const { breaker, clock } = breakerIn('OPEN', { onTransition });
    await clock.advance(5_000);
    await breaker.execute(answer);
    expect(transitions).toEqual(['HALF_OPEN', 'CLOSED']);
  });
});

describe('A store that fails on request', () => {
  it.each<StoreTrouble>(['unavailable', 'throttled', 'hangs'])(
    'costs no call its answer: %s',
    async (trouble) => {
      const { breaker, store, clock } = breakerIn('CLOSED', { onStoreChange: () => {} });
      store.failWith(trouble);
      const call = breaker.execute(answer);
      await clock.advance(1_000);
      await expect(call).resolves.toBe('answer');
      expect(await statusOf(breaker, clock)).toMatchObject({ store: 'unavailable' });
      store.heal();
      await clock.advance(60_000);
      expect(await breaker.status()).toMatchObject({ store: 'available' });
    },
  );

  it('fails contacts of one kind alone, if so asked', async () => {
    const store = failingStore();
    store.failWith('throttled', 'write');
    await expect(store.read('any', { consistent: true })).resolves.toBeUndefined();
    const write = { operation: 'any', conditions: [], set: {} };
    await expect(store.write('any', write)).rejects.toMatchObject({ kind: 'throttled' });
    store.heal();
    store.failWith('unavailable', 'read');
    await expect(store.write('any', write)).resolves.toMatchObject({ applied: true });
    await expect(store.read('any', { consistent: true })).rejects.toMatchObject({
      name: 'StoreError',
    });
  });

  it('stands before a store that is given, which several breakers may share', async () => {
    const shared = memoryStore();
    const other = createBreaker({ name: 'shared', store: shared });
    await other.forceOpen('drill');
    const breaker = createBreaker({ name: 'shared', store: failingStore(shared) });
    await expect(breaker.execute(answer)).rejects.toBeInstanceOf(CircuitOpenError);
  });
});

async function statusOf(
  breaker: ReturnType<typeof breakerIn>['breaker'],
  clock: ReturnType<typeof testClock>,
) {
  const status = breaker.status();
  await clock.advance(1_000);
  return status;
}
