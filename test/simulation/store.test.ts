/** The simulated store and the way to it. */
import { describe, expect, test } from 'vitest';
import { Instance } from '../../breaker/simulation/instance.ts';
import { randomStream } from '../../breaker/simulation/random.ts';
import { SharedItem } from '../../breaker/simulation/shared-item.ts';
import { pathUnder, type StoreConditions } from '../../breaker/simulation/store-conditions.ts';
import { VirtualTime } from '../../breaker/simulation/virtual-time.ts';

function storeUnder(conditions: StoreConditions) {
  const time = new VirtualTime();
  const random = randomStream(1, 'item');
  const item = new SharedItem(time, random, (by) => pathUnder(conditions, by, random));
  const instance = new Instance(time, 'i1');
  /** How long a read takes; the instance stands still while it is idle, as on Lambda. */
  const readMs = async (afterIdleMs: number) => {
    instance.pause();
    await time.run(afterIdleMs);
    instance.resume();
    const startMs = time.elapsedMs;
    await time.until(item.read(instance));
    return time.elapsedMs - startMs;
  };
  const outcome = (contact: Promise<unknown>) =>
    time.until(
      contact.then(
        () => 'done',
        (error) => error.kind,
      ),
    );
  return { time, item, instance, readMs, outcome };
}

describe('A simulated store', () => {
  test('has the latencies of its tail', async () => {
    const { readMs } = storeUnder({ latency: 'tail' });
    const tookMs: number[] = [];
    for (let i = 0; i < 20_000; i++) tookMs.push(await readMs(0));
    tookMs.sort((a, b) => a - b);
    const quantile = (share: number) => tookMs[Math.floor(share * tookMs.length)];
    expect(quantile(0.5)).toBeCloseTo(4, 0);
    expect(quantile(0.99)).toBeGreaterThan(13);
    expect(quantile(0.99)).toBeLessThan(17);
    expect(quantile(0.999)).toBeGreaterThan(60);
    expect(quantile(0.999)).toBeLessThan(110);
  });

  test('is late once after idleness, and not again while the connection is in use', async () => {
    const reconnect = { afterIdleMs: 10_000, share: 1, takesMs: 120 };
    const { readMs } = storeUnder({ reconnect });
    expect(await readMs(0)).toBeGreaterThan(120);
    expect(await readMs(9_000)).toBeLessThan(10);
    expect(await readMs(11_000)).toBeGreaterThan(120);
    expect(await readMs(0)).toBeLessThan(10);
  });

  test('is late for the given share of the reconnects', async () => {
    const reconnect = { afterIdleMs: 1_000, share: 0.2, takesMs: 70 };
    const { readMs } = storeUnder({ reconnect });
    let late = 0;
    for (let i = 0; i < 2_000; i++) if ((await readMs(2_000)) > 70) late++;
    expect(late / 2_000).toBeCloseTo(0.2, 1);
  });

  test('throttles the writes alone, for as long as it is said', async () => {
    const period = { fromMs: 0, untilMs: 1_000, share: 1, only: 'write' } as const;
    const { time, item, instance, outcome } = storeUnder({
      faults: [{ ...period, fault: 'throttled' }],
    });
    const write = () => item.write(instance, (memory, key) => memory.items.set(key, { n: 1 }));
    expect(await outcome(write())).toBe('throttled');
    expect(await outcome(item.read(instance))).toBe('done');
    expect(item.latest).toBeUndefined();
    await time.run(1_000);
    expect(await outcome(write())).toBe('done');
    expect(item.latest).toEqual({ n: 1 });
  });

  test('takes no more than its capacity', async () => {
    const { time, item, instance } = storeUnder({});
    const writes = Array.from({ length: 1_100 }, () => item.write(instance, () => {}));
    const settled = await time.until(Promise.allSettled(writes));
    const refused = settled.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(90);
    expect(item.counts.throttled).toBe(refused.length);
  });
});
