/** The three modes of a breaker: a circuit is tried out, or done without. */
import type { CallRecord, Transition } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import { Lone } from './lone.ts';

const T = 2;
const good = () => 'good';

function observed(options: object = {}) {
  const records: CallRecord[] = [];
  const transitions: Transition[] = [];
  const lone = new Lone({
    mode: 'observe',
    failureThreshold: T,
    openMs: 1_000,
    onCall: (record) => records.push(record),
    onTransition: (transition) => transitions.push(transition),
    ...options,
  });
  return { lone, records, transitions };
}

describe('observe', () => {
  it('counts and publishes, and never refuses', async () => {
    const { lone, records, transitions } = observed();
    await lone.fail(T);
    expect(lone.item).toMatchObject({ state: 'OPEN', reason: '2 x Error' });
    expect(transitions).toMatchObject([{ operation: 'trip', to: 'OPEN' }]);
    expect(await lone.call(good)).toBe('good');
    expect(records.at(-1)).toMatchObject({ outcome: 'success', wouldRefuse: true, probe: false });
    expect(records[0]).not.toHaveProperty('wouldRefuse');
  });

  it('shows in status what it would do', async () => {
    const { lone } = observed();
    await lone.fail(T);
    const status = await lone.time.until(lone.breaker.status());
    expect(status).toMatchObject({ state: 'OPEN', mode: 'observe', retryAfterMs: 1_050 });
  });

  it('does not count what it would have refused', async () => {
    const { lone } = observed();
    await lone.fail(T);
    const before = lone.item;
    await lone.fail(5);
    expect(lone.item).toEqual(before);
  });

  it('recovers by the same one probe as if it enforced', async () => {
    const { lone, records, transitions } = observed();
    await lone.fail(T);
    await lone.time.run(2_000);
    const probe = lone.breaker.execute(() => lone.time.wait(100));
    await lone.time.run(10);
    expect(await lone.call(good)).toBe('good');
    await lone.time.until(probe);
    expect(records.slice(T)).toMatchObject([{ wouldRefuse: true }, { probe: true }]);
    expect(transitions.map(({ to }) => to)).toEqual(['OPEN', 'HALF_OPEN', 'CLOSED']);
  });

  it('does not cut a call, but counts it where it would', async () => {
    const { lone, records } = observed({ callTimeoutMs: 500 });
    const answer = lone.breaker.execute(() => lone.time.wait(3_000).then(good));
    await expect(lone.time.until(answer)).resolves.toBe('good');
    expect(records).toMatchObject([{ outcome: 'success', slow: true, latencyMs: 3_000 }]);
    expect(lone.item).toMatchObject({ reason: 'failing: slower than 500 ms' });
  });

  it('makes a call for which there would be no time, and counts it not at all', async () => {
    const { lone, records } = observed();
    await expect(lone.breaker.execute(good, { remainingMs: 100 })).resolves.toBe('good');
    expect(records).toMatchObject([{ outcome: 'success', wouldRefuse: true }]);
  });

  it('asks a fallback for a call that failed, as every mode does', async () => {
    const { lone } = observed();
    const fail = () => Promise.reject(new Error('no'));
    const answer = lone.breaker.execute<string, string>(fail, { fallback: () => 'fallback' });
    await expect(lone.time.until(answer)).resolves.toBe('fallback');
  });
});

describe('off', () => {
  it('knows neither circuit nor store: it only makes the call', async () => {
    const store = new Proxy(Object.create(null), {
      get: () => () => {
        throw new Error('contacted');
      },
    });
    const { lone, records } = observed({ mode: 'off', store, callTimeoutMs: 500 });
    await lone.breaker.prefetch();
    await lone.fail(3 * T);
    const answer = lone.breaker.execute(() => lone.time.wait(3_000).then(good));
    await expect(lone.time.until(answer)).resolves.toBe('good');
    expect(records.map(({ outcome }) => outcome)).toEqual([
      ...Array(3 * T).fill('failure'),
      'success',
    ]);
    expect(lone.warnings).toEqual([]);
  });

  it('still hears its caller, and asks a fallback', async () => {
    const { lone } = observed({ mode: 'off' });
    const signal = AbortSignal.abort('left');
    await expect(lone.breaker.execute(good, { signal })).rejects.toBe('left');
    const fail = () => Promise.reject(new Error('no'));
    const answer = lone.breaker.execute<string, string>(fail, { fallback: () => 'fallback' });
    await expect(answer).resolves.toBe('fallback');
  });
});

it('enforce is the default, and status says nothing of it', async () => {
  const lone = new Lone({ failureThreshold: T });
  await lone.fail(T);
  expect(await lone.call(good)).toBe('CircuitOpenError');
  expect(await lone.breaker.status()).not.toHaveProperty('mode');
});

it('A mode that there is not is told', () => {
  expect(() => new Lone({ mode: 'disabled' as 'off' })).toThrow("expected 'enforce', 'observe' or");
});
