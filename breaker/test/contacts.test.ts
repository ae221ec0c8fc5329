/** How an instance deals with its store, contact by contact. */
import { describe, expect, it } from 'vitest';
import type { Item } from '../src/state.ts';
import { type Harness, memoryHarness } from './stores/harness.ts';
import { type Fault, Fleet, type FleetOptions } from './support/fleet.ts';

const FAIL = { does: 'fail' } as const;
const SUCCEED = { does: 'succeed' } as const;

interface Contact {
  /** Of a write: its operation. */
  readonly what: string;
  readonly atMs: number;
}

/** One instance, every contact it makes, and the fault of each: the next of those planned, if any. */
function instanceOf(fleet: Fleet) {
  const instance = fleet.add();
  const contacts: Contact[] = [];
  const planned: { what: string; fault: Fault | undefined }[] = [];
  const startMs = fleet.time.nowMs;
  instance.fault = (write) => {
    const what = write?.operation ?? 'read';
    contacts.push({ what, atMs: fleet.time.nowMs - startMs });
    const next = planned.findIndex((plan) => plan.what === what);
    return next < 0 ? undefined : planned.splice(next, 1)[0]?.fault;
  };
  const count = (what: string) => contacts.filter((contact) => contact.what === what).length;
  const plan = (what: string, ...faults: (Fault | undefined)[]) =>
    planned.push(...faults.map((fault) => ({ what, fault })));
  return { instance, contacts, count, plan };
}

function together<T>(fleet: Fleet, ...acts: Promise<T>[]): Promise<T[]> {
  return fleet.time.until(Promise.all(acts));
}

/** An open circuit whose period is over, and an instance that has not seen it yet. */
async function due(options: FleetOptions = {}) {
  const fleet = new Fleet({ failureThreshold: 3, ...options });
  await fleet.trip();
  await fleet.time.run(60_000);
  return { fleet, ...instanceOf(fleet) };
}

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

  it('are given the time of the first one when people ask', async () => {
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

  it('do not undo what was learnt while they were under way', async () => {
    const fleet = new Fleet();
    const { instance } = instanceOf(fleet);
    await fleet.time.until(instance.breaker.forceClosed('test', fleet.time.nowMs));
    await fleet.harness.put(fleet.name, undefined);
    const status = instance.breaker.status();
    await fleet.time.run(1);
    // The answer, that there is no item, is on its way for a while.
    instance.latencyMs = 900;
    await fleet.time.run(1);
    instance.latencyMs = 4;
    await instance.call(FAIL);
    expect(await fleet.time.until(status)).toMatchObject({ generation: 0, streakFailures: 1 });
  });

  it('that are throttled are no outage: views serve longer, at most 16 times, and recover', async () => {
    const fleet = new Fleet({ viewTtlMs: 100 });
    const { instance, contacts, plan } = instanceOf(fleet);
    instance.latencyMs = 0;
    await instance.call(SUCCEED);
    plan('read', ...Array<Fault>(7).fill('throttled'));
    for (let atMs = 50; atMs <= 9_500; atMs += 50) {
      await fleet.time.run(50 - (fleet.time.nowMs % 50));
      await instance.call(SUCCEED);
    }
    const throttledMs = [100, 300, 700, 1_500, 3_100, 4_700, 6_300];
    const readMs = [7_900, 7_900 + 800, 8_700 + 400, 9_100 + 200, 9_300 + 100, 9_500];
    expect(contacts.map(({ atMs }) => atMs)).toEqual([0, ...throttledMs, ...readMs]);
    expect(instance.storeChanges).toEqual([]);
  });
});

describe('Writes', () => {
  it('of two calls of one instance at once count both', async () => {
    const fleet = new Fleet({ failureThreshold: 3 });
    const instance = fleet.add();
    await instance.call(FAIL);
    await together(fleet, instance.begin(FAIL), instance.begin(FAIL));
    expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
  });

  it('that succeed again end the backoff that failed ones have built up', async () => {
    const fleet = new Fleet();
    const { instance, contacts, plan } = instanceOf(fleet);
    plan('openStreak', ...Array<Fault>(6).fill('down'));
    for (let i = 0; i < 7; i++) {
      await instance.call(FAIL);
      await fleet.time.run(30_000);
    }
    plan('read', 'down');
    await instance.call(SUCCEED);
    expect(instance.isOut).toBe(true);
    await fleet.time.run(250);
    await instance.call(SUCCEED);
    expect(contacts.slice(-2).map(({ what }) => what)).toEqual(['read', 'read']);
    expect(instance.isOut).toBe(false);
  });

  it('that find their own result, but that of another call, are one transition and told once', async () => {
    const fleet = new Fleet({ failureThreshold: 1 });
    const { instance, count, plan } = instanceOf(fleet);
    plan('trip', undefined, 'down');
    await together(fleet, instance.begin(FAIL), instance.begin(FAIL));
    expect(count('trip')).toBe(3);
    expect(fleet.history).toEqual(['trip']);
  });

  it("that find another instance's result at the same moment do not take it for their own", async () => {
    const fleet = new Fleet({ failureThreshold: 1 });
    const { instance, count, plan } = instanceOf(fleet);
    plan('trip', 'down');
    const other = fleet.add();
    await together(fleet, instance.begin(FAIL), other.begin(FAIL));
    expect(count('trip')).toBe(2);
    expect(fleet.told.map(({ by }) => by)).toEqual([other.id]);
  });

  it('of a probe that find the probe of another call do not take it for their own', async () => {
    const { fleet, instance, count, plan } = await due();
    plan('claimProbe', undefined, 'down');
    const answers = await together(fleet, instance.begin(SUCCEED), instance.begin(SUCCEED));
    expect(count('claimProbe')).toBe(3);
    expect(answers).toEqual(['success', 'refused']);
    expect(instance.started).toBe(1);
  });

  it('of a probe that are refused because the item was deleted let the call through', async () => {
    const { fleet, instance } = await due();
    instance.fault = (write) => {
      if (write?.operation === 'claimProbe') fleet.harness.put(fleet.name, undefined);
      return undefined;
    };
    expect(await instance.call(SUCCEED)).toBe('success');
    expect(fleet.history).toEqual(['trip']);
  });

  it('of a probe whose answer was lost are told once, whatever happens before it is seen again', async () => {
    const { fleet, instance, plan } = await due();
    plan('claimProbe', 'answerLost');
    const probe = instance.begin({ ...SUCCEED, afterMs: 500 });
    await fleet.time.run(300);
    plan('read', 'down');
    expect(await together(fleet, instance.begin(SUCCEED), probe)).toEqual(['refused', 'success']);
    expect(instance.isOut).toBe(true);
    await fleet.time.run(300);
    await instance.call(SUCCEED);
    expect(instance.isOut).toBe(false);
    expect(fleet.history).toEqual(['trip', 'claimProbe']);
  });

  it('of a probe that are refused twice, at last by a closed circuit, let the call through', async () => {
    const { fleet, instance } = await due();
    const { generation, ...open } = await fleet.item();
    const next = [{ ...open, generation: Number(generation) + 2 }, undefined];
    instance.fault = (write) => {
      if (write?.operation === 'claimProbe') fleet.harness.put(fleet.name, next.shift());
      return undefined;
    };
    expect(await instance.call(SUCCEED)).toBe('success');
    expect(next).toEqual([]);
  });

  it('of a probe that are refused by what they ask for are made twice at most', async () => {
    const harness = memoryHarness();
    const { store, get } = harness;
    const write: typeof store.write = async (name, asked) =>
      asked.operation === 'claimProbe'
        ? { applied: false, item: await get(name) }
        : store.write(name, asked);
    const fleet = new Fleet({ openMs: 1_000 }, { ...harness, store: { ...store, write } });
    await fleet.trip();
    await fleet.time.run(2_000);
    const { instance, count } = instanceOf(fleet);
    expect(await instance.call(SUCCEED)).toBe('refused');
    expect(count('claimProbe')).toBe(2);
  });

  it('of a probe report it though a late read has shown what was before it', async () => {
    const harness = memoryHarness();
    let late: Item | undefined;
    const read: Harness['store']['read'] = async (name) => late ?? harness.get(name);
    const fleet = new Fleet(
      { failureThreshold: 1, probes: { max: 2, need: 2 } },
      { ...harness, store: { ...harness.store, read } },
    );
    await fleet.trip();
    await fleet.time.run(60_000);
    const { instance } = instanceOf(fleet);
    await instance.call(SUCCEED);
    const between = await fleet.item();
    const second = instance.begin({ ...SUCCEED, afterMs: 200 });
    await fleet.time.run(100);
    late = between;
    expect(await instance.call(SUCCEED)).toBe('refused');
    late = undefined;
    expect(await fleet.time.until(second)).toBe('success');
    expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
  });

  it('of a probe that are throttled refuse the call and are not made again', async () => {
    const { instance, count, plan } = await due();
    plan('claimProbe', 'throttled');
    expect(await instance.call(SUCCEED)).toBe('refused');
    expect(count('claimProbe')).toBe(1);
    expect(await instance.call(SUCCEED)).toBe('success');
  });

  it('that report a success and are throttled refuse no call', async () => {
    const fleet = new Fleet({ failureThreshold: 3 });
    const { instance, count, plan } = instanceOf(fleet);
    plan('clearStreak', 'throttled');
    await instance.call(FAIL);
    await instance.call(SUCCEED);
    expect(count('clearStreak')).toBe(1);
    expect(await instance.call(SUCCEED)).toBe('success');
  });

  it('of an operator that are refused are made again, on what refused them', async () => {
    const fleet = new Fleet();
    const [a, b] = [instanceOf(fleet), instanceOf(fleet)];
    await together(fleet, a.instance.breaker.forceOpen('a'), b.instance.breaker.forceClosed('b'));
    expect(fleet.history).toEqual(['override', 'override']);
    expect(a.count('override') + b.count('override')).toBe(3);
    expect(await fleet.item()).toMatchObject({ generation: 2 });
  });
});
