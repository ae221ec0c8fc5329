/** When an instance reads, and when it does not. */
import { describe, expect, it } from 'vitest';
import { Fleet } from '../../simulation/fleet.ts';
import type { Fault } from '../../simulation/store-path.ts';
import type { Item } from '../../src/protocol/circuit.ts';
import { type Harness, memoryHarness } from '../stores/harness.ts';
import { due, instanceOf } from '../support/contacts.ts';

const FAIL = { does: 'fail' } as const;
const SUCCEED = { does: 'succeed' } as const;

/** A store whose inconsistent reads do not show the latest write yet. */
function laggingHarness(): Harness {
  const harness = memoryHarness();
  const before = new Map<string, Item | undefined>();
  return {
    ...harness,
    store: {
      read: async (name, { consistent }) => (consistent ? harness.get(name) : before.get(name)),
      async write(name, write) {
        before.set(name, await harness.get(name));
        return harness.store.write(name, write);
      },
    },
  };
}

describe('Reads', () => {
  it('are not made again by a call that they were begun for', async () => {
    const fleet = new Fleet();
    const { instance, count } = instanceOf(fleet);
    const prefetched = instance.breaker.prefetch();
    await fleet.time.run(200);
    await instance.call(SUCCEED, { prefetched });
    expect(count('read')).toBe(1);
  });

  it.each([
    [10, 2],
    [30, 3],
  ])('are made again to report a call only if it was not short: %i ms', async (afterMs, reads) => {
    const { instance, count } = instanceOf(new Fleet({ failureThreshold: 3 }));
    await instance.call(FAIL);
    await instance.call({ ...SUCCEED, afterMs });
    expect([count('read'), count('clearStreak')]).toEqual([reads, 1]);
  });

  it('are not made to report a probe, which speaks for itself', async () => {
    const { instance, contacts } = await due();
    await instance.call({ ...SUCCEED, afterMs: 1_000 });
    expect(contacts.map(({ what }) => what)).toEqual(['read', 'claimProbe', 'recover']);
  });

  it('are given the budget of a first read when people ask', async () => {
    const { instance } = instanceOf(new Fleet());
    await instance.call(SUCCEED);
    instance.latencyMs = 400;
    const status = await instance.fleet.time.until(instance.breaker.status());
    expect(status).toMatchObject({ store: 'available', updatedAt: 0 });
  });

  it('are not made while the circuit is known to be open, begun ahead or not', async () => {
    const fleet = new Fleet();
    await fleet.trip();
    const { instance, count } = instanceOf(fleet);
    await instance.call(SUCCEED);
    await fleet.time.run(1_000);
    const prefetched = instance.breaker.prefetch();
    expect(await instance.call(SUCCEED, { prefetched })).toBe('refused');
    expect(count('read')).toBe(1);
  });

  it('are waited for by a call that comes before their answer', async () => {
    const fleet = new Fleet();
    const { instance, count } = instanceOf(fleet);
    const prefetched = instance.breaker.prefetch();
    expect(await instance.call(SUCCEED, { prefetched })).toBe('success');
    expect(count('read')).toBe(1);
  });

  it('are not made at the end of a long call under an override, which counts as nothing', async () => {
    const fleet = new Fleet();
    await fleet.time.until(fleet.add().breaker.forceClosed('test'));
    const { instance, count } = instanceOf(fleet);
    await instance.call({ ...FAIL, afterMs: 1_000 });
    expect(count('read')).toBe(1);
  });

  it('are as old as their question: an instance that was frozen meanwhile reads again', async () => {
    const fleet = new Fleet({ failureThreshold: 1, viewTtlMs: 5_000, openMs: 60_000 });
    const { instance, count } = instanceOf(fleet);
    const prefetched = instance.breaker.prefetch();
    await fleet.time.run(3);
    instance.freeze(600_000);
    await fleet.time.run(599_000);
    await fleet.trip();
    await fleet.time.run(1_000);
    expect(await instance.call(SUCCEED, { prefetched })).toBe('refused');
    expect(count('read')).toBe(2);
  });

  it('that show an older item than the one known are made again, consistently', async () => {
    const fleet = new Fleet({ failureThreshold: 1, openMs: 60_000 }, laggingHarness());
    const { instance, count } = instanceOf(fleet);
    await instance.call(FAIL);
    await fleet.time.run(6_000);
    expect(await instance.call(SUCCEED)).toBe('refused');
    expect(count('read')).toBe(3);
  });

  it('do not undo what was observed while they were under way', async () => {
    const fleet = new Fleet();
    const { instance } = instanceOf(fleet);
    await fleet.time.until(instance.breaker.forceClosed('test', fleet.time.nowMs));
    await fleet.harness.put(fleet.name, undefined);
    // The answer, that there is no item, is on its way for a while.
    instance.fault = () => 'slow';
    const status = instance.breaker.status();
    instance.fault = () => undefined;
    await fleet.time.run(2);
    await instance.call(FAIL);
    expect(await fleet.time.until(status)).toMatchObject({ generation: 0, streakScore: 1 });
  });

  it('that are throttled are no outage: views serve longer with each, and recover', async () => {
    const fleet = new Fleet({ viewTtlMs: 100 });
    const { instance, contacts, plan } = instanceOf(fleet);
    instance.latencyMs = 0;
    await instance.call(SUCCEED);
    plan('read', ...Array<Fault>(5).fill('throttled'));
    for (let atMs = 50; atMs <= 25_000; atMs += 50) {
      await fleet.time.run(50 - (fleet.time.nowMs % 50));
      await instance.call(SUCCEED);
    }
    const readAtMs = contacts.map(({ atMs }) => atMs);
    const gapsMs = readAtMs.slice(1).map((atMs, i) => atMs - (readAtMs[i] ?? 0));
    // A call is made every 50 ms. Each view serves a fifth longer or less, and a throttled one half.
    const usualMs = [100, 200, 400, 800, 1_600, 3_200, 1_600, 800, 400, 200, 100];
    for (const [i, gapMs] of gapsMs.slice(0, usualMs.length).entries()) {
      expect(gapMs).toBeGreaterThanOrEqual(0.4 * (usualMs[i] ?? 0));
      expect(gapMs).toBeLessThanOrEqual(1.8 * (usualMs[i] ?? 0) + 50);
    }
    expect(gapsMs.length).toBeGreaterThanOrEqual(usualMs.length);
    expect(instance.storeChanges).toEqual([]);
  });
});
