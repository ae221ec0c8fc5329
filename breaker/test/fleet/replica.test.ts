/** One instance's copy of the circuit: observed and changed through the store, or locally. */
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors.ts';
import { type Commit, Replica } from '../../src/fleet/replica.ts';
import { type BreakerOptions, loadOptions } from '../../src/options.ts';
import type { CircuitStore, Transition } from '../../src/ports.ts';
import { ABSENT_CIRCUIT, type Circuit, type Item } from '../../src/protocol/circuit.ts';
import type { Write } from '../../src/protocol/conditional-write.ts';
import { UNOBSERVED } from '../../src/protocol/view.ts';
import * as writes from '../../src/protocol/writes.ts';
import { memoryStore } from '../../src/stores/memory-store.ts';
import { closed, context, failing, NOW_MS, open, probing } from '../support/circuits.ts';
import { SimTime } from '../support/sim-time.ts';

const FIRST_READ_MS = 500;
const HOUR_MS = 3_600_000;
const due = { ...failing, streakFailures: 2 };

/** `lost`: the write is applied, but its answer never comes. */
type Fault = 'down' | 'throttled' | 'silent' | 'lost';

/** A replica and its store. Of each contact the next of `faults` is made, if any. */
function replicaOf(circuit: Circuit | undefined, options: Partial<BreakerOptions> = {}) {
  const time = new SimTime();
  time.nowMs = NOW_MS;
  const memory = memoryStore();
  if (circuit) memory.items.set('x', circuit as unknown as Item);
  const faults: (Fault | undefined)[] = [];
  const contacts: string[] = [];
  const published: Transition[] = [];

  async function contact<T>(what: string, act: () => Promise<T>): Promise<T> {
    contacts.push(what);
    const fault = faults.shift();
    if (fault === 'down') throw new StoreError('unavailable', 'no connection');
    if (fault === 'throttled') throw new StoreError('throttled', 'too fast');
    if (fault === 'silent') return new Promise(() => {});
    const answer = await act();
    return fault === 'lost' ? new Promise(() => {}) : answer;
  }
  const store: CircuitStore = {
    read: (name, how) =>
      contact(how.consistent ? 'consistent read' : 'read', () => memory.read(name, how)),
    write: (name, write) => contact(write.operation, () => memory.write(name, write)),
  };
  const replica = new Replica(
    loadOptions({
      name: 'x',
      store,
      instanceId: 'me',
      clock: { now: () => time.nowMs, after: (delayMs, run) => time.after(delayMs, run) },
      random: () => 0,
      onTransition: (transition) => published.push(transition),
      ...options,
    }),
  );
  const put = (item: object | undefined) =>
    item ? memory.items.set('x', { ...item }) : memory.items.delete('x');
  return {
    replica,
    time,
    faults,
    contacts,
    put,
    item: () => memory.items.get('x'),
    publishedAs: () => published.map(({ scope, operation }) => `${scope} ${operation}`),
    refresh: (ageMs = 0) => time.until(replica.refreshIfOlderThan(ageMs)),
    commit: (write: Write) => time.until(replica.commit(write)),
  };
}

/** A replica that has observed its circuit. */
async function observing(circuit: Circuit | undefined, options: Partial<BreakerOptions> = {}) {
  const fixture = replicaOf(circuit, options);
  await fixture.refresh();
  fixture.contacts.length = 0;
  return fixture;
}

/** A replica in local mode. */
async function inLocalMode(circuit: Circuit, options: Partial<BreakerOptions> = {}) {
  const fixture = await observing(circuit, options);
  fixture.faults.push('down');
  await fixture.refresh();
  fixture.contacts.length = 0;
  return fixture;
}

const ctx = context();
const trip = writes.trip(due, 'Error', ctx);
const tripByAnother = writes.trip(due, 'Error', context({ instanceId: 'another' }));

describe('A write through the link', () => {
  it('that is applied is in the view, and published', async () => {
    const { replica, commit, item, contacts, publishedAs } = await observing(due);
    const done = await commit(trip);
    expect(done).toEqual({ kind: 'applied', circuit: item() });
    expect(replica.view.circuit).toMatchObject({ state: 'OPEN', generation: 8 });
    expect([contacts, publishedAs()]).toEqual([['trip'], ['fleet trip']]);
  });

  it('that is refused leaves what refused it in the view, and publishes nothing', async () => {
    const { replica, commit, put, publishedAs } = await observing(due);
    const rival = { ...open, generation: 8, updatedBy: 'another' };
    put(rival);
    expect(await commit(trip)).toEqual({ kind: 'refused' });
    expect([replica.view.circuit, publishedAs()]).toEqual([rival, []]);
  });

  it('that is throttled changes nothing, and is no outage', async () => {
    const { replica, commit, faults, item, publishedAs } = await observing(due);
    const { view } = replica;
    faults.push('throttled');
    expect(await commit(trip)).toEqual({ kind: 'throttled' });
    expect([replica.view, replica.storeError, item()]).toEqual([view, undefined, due]);
    expect(publishedAs()).toEqual([]);
  });

  it('whose answer is lost is recognised as its own by what refuses its repeat', async () => {
    const { replica, commit, faults, item, contacts, publishedAs } = await observing(due);
    faults.push('lost');
    expect(await commit(trip)).toEqual({ kind: 'applied', circuit: item() });
    expect([contacts, publishedAs()]).toEqual([['trip', 'trip'], ['fleet trip']]);
    expect(replica.outageId).toBeUndefined();
  });

  it("whose repeat is refused by another instance's is refused", async () => {
    const { commit, faults, put, publishedAs } = await observing(due);
    faults.push('silent');
    put({ ...open, generation: 8, updatedBy: 'another', updatedAtMs: NOW_MS });
    expect(await commit(trip)).toEqual({ kind: 'refused' });
    expect(publishedAs()).toEqual([]);
  });

  it('that is refused at once by the same write of another call is refused', async () => {
    const { replica, time, publishedAs } = await observing(due);
    const both = await time.until(Promise.all([replica.commit(trip), replica.commit(trip)]));
    expect(both.map(({ kind }) => kind)).toEqual(['applied', 'refused']);
    expect(publishedAs()).toEqual(['fleet trip']);
  });

  it.each<[string, Circuit, Write]>([
    ['openStreak', closed, writes.openStreak(closed, 'Error', ctx)],
    ['countFailure', failing, writes.countFailure(failing, ctx)],
  ])('that counts is not repeated, but counted locally: %s', async (operation, circuit, write) => {
    const { commit, faults, contacts } = await observing(circuit);
    faults.push('down');
    expect(await commit(write)).toMatchObject({ kind: 'applied' });
    expect(contacts).toEqual([operation]);
  });

  it.each<[string, Circuit, Write]>([
    ['trip', due, trip],
    ['clearStreak', due, writes.clearStreak(due, ctx)],
    ['claimProbe', open, writes.claimProbe(open, ctx)],
    ['takeOverProbe', probing, writes.takeOverProbe(probing, ctx)],
    ['reportProbe', probing, writes.reportProbe(probing, { probesOk: 1 }, ctx)],
    ['recover', probing, writes.recover(probing, ctx)],
    ['reopen', probing, writes.reopen(probing, 'Error', ctx)],
    ['release', open, writes.applyOverride(open, { reason: 'x' }, ctx)],
  ])('that does not count is sent twice: %s', async (operation, circuit, write) => {
    const { commit, faults, contacts } = await observing(circuit);
    faults.push('down');
    expect(await commit(write)).toMatchObject({ kind: 'applied' });
    expect(contacts).toEqual([operation, operation]);
  });

  it('whose answers are all lost is published when the item is read again', async () => {
    const { commit, faults, refresh, time, publishedAs } = await observing(due);
    faults.push('lost', 'lost');
    expect(await commit(trip)).toMatchObject({ kind: 'applied' });
    expect(publishedAs()).toEqual(['instance trip']);
    await time.run(1_000);
    await refresh();
    expect(publishedAs()).toEqual(['instance trip', 'fleet trip']);
  });

  it('to a circuit that has no item creates it', async () => {
    const { commit, item } = await observing(undefined);
    await commit(writes.openStreak(ABSENT_CIRCUIT, 'Error', ctx));
    expect(item()).toMatchObject({ schemaVersion: 2, streakId: 1, streakFailures: 1 });
  });
});

describe('In local mode', () => {
  it('a write is applied to the view alone, and published as the instance’s', async () => {
    const { replica, commit, item, contacts, publishedAs } = await inLocalMode(due);
    const done = await commit(trip);
    expect(done).toMatchObject({ kind: 'applied', circuit: { state: 'OPEN', generation: 8 } });
    expect(replica.view.circuit).toEqual((done as Commit & { kind: 'applied' }).circuit);
    expect([contacts, item(), publishedAs()]).toEqual([[], due, ['instance trip']]);
  });

  it('a write that the view refuses is refused', async () => {
    const { replica, commit, publishedAs } = await inLocalMode(due);
    await commit(trip);
    const { view } = replica;
    expect(await commit(tripByAnother)).toEqual({ kind: 'refused' });
    expect([replica.view, publishedAs()]).toEqual([view, ['instance trip']]);
  });

  it('a write that leaves nonsense behind is refused', async () => {
    const endless = { ...open, generation: 8.64e15 };
    const { replica, commit } = await inLocalMode(endless);
    const { view } = replica;
    expect(await commit(writes.claimProbe(endless, ctx))).toEqual({ kind: 'refused' });
    expect(replica.view).toBe(view);
  });

  it('the first write of an instance that has observed nothing is applied', async () => {
    const { commit, refresh, faults, replica } = replicaOf(undefined);
    faults.push('down');
    await refresh();
    const write = writes.openStreak(ABSENT_CIRCUIT, 'Error', ctx);
    expect(await commit(write)).toMatchObject({ kind: 'applied' });
    expect(replica.view.circuit).toMatchObject({ streakId: 1, streakFailures: 1 });
  });

  it.each([
    ['a whole period more', open.openUntilMs - 1_000, 5_000, NOW_MS + 5_000],
    ['no less than its own period', NOW_MS + 20_000, 20_000, NOW_MS + 20_000],
  ])('an open circuit is waited for: %s', async (_, openUntilMs, openDurationMs, waitUntilMs) => {
    const { replica } = await inLocalMode({ ...open, openUntilMs, openDurationMs });
    expect(replica.view.waitUntilMs).toBe(waitUntilMs);
  });

  it('the outage has a number and an error, which end with it', async () => {
    const { replica, refresh, time } = await inLocalMode(due);
    expect([replica.outageId, replica.storeError?.message]).toEqual([1, 'no connection']);
    await time.run(250);
    await refresh();
    expect([replica.outageId, replica.storeError]).toEqual([undefined, undefined]);
  });

  it('what was decided is dropped when the store answers again', async () => {
    const { replica, commit, refresh, time } = await inLocalMode(due);
    await commit(trip);
    await time.run(250);
    await refresh();
    expect(replica.view.circuit).toEqual(due);
  });

  it('what a write that ends the outage leaves is all that the view keeps', async () => {
    const { replica, time, faults, refresh } = await observing(due);
    const slow = replica.commit(writes.clearStreak(due, ctx));
    faults.push('down');
    await refresh();
    await time.until(slow);
    expect(replica.view.circuit).not.toHaveProperty('streakFailures');
  });

  it('what reads show is not published: the fleet may know better', async () => {
    const { commit, faults, time, replica, refresh, publishedAs } = await observing(due);
    faults.push('lost', 'lost');
    await commit(trip);
    await time.run(250);
    faults.push('throttled');
    await refresh();
    expect([replica.outageId, publishedAs()]).toEqual([1, ['instance trip']]);
  });
});

describe('The view', () => {
  it('is refreshed only if it is as old as that', async () => {
    const { time, refresh, contacts } = await observing(closed);
    await time.run(100);
    await refresh(101);
    expect(contacts).toEqual([]);
    await refresh(100);
    expect(contacts).toEqual(['read']);
  });

  it('is not refreshed while the store is left alone', async () => {
    const { time, refresh, contacts } = await inLocalMode(closed);
    await time.run(124);
    await refresh();
    expect(contacts).toEqual([]);
    await time.run(1);
    await refresh();
    expect(contacts).toEqual(['read']);
  });

  it('is as old as the question, whenever the answer came', async () => {
    const { replica, time, contacts } = replicaOf(closed);
    const read = replica.refreshIfOlderThan(0);
    time.nowMs += 100;
    await time.until(read);
    expect(replica.view.observedAtMs).toBe(NOW_MS);
    expect(contacts).toEqual(['read']);
  });

  it('is as old as the answer after a write, which was the latest when it was made', async () => {
    const { replica, time } = await observing(due);
    const commit = replica.commit(trip);
    time.nowMs += 50;
    await time.until(commit);
    expect(replica.view.observedAtMs).toBe(NOW_MS + 50);
  });

  it('asks again, consistently, where a read shows an older item', async () => {
    const { replica, refresh, put, contacts } = await observing({ ...open, generation: 8 });
    put(failing);
    await refresh();
    expect(contacts).toEqual(['read', 'consistent read']);
    expect(replica.view.circuit).toEqual(failing);
  });

  it('believes the latest item where it is older, for then it was reset', async () => {
    const { replica, put, time } = await observing({ ...open, generation: 8 });
    put(undefined);
    expect(await time.until(replica.readLatest())).toBeUndefined();
    expect(replica.view.circuit).toBe(ABSENT_CIRCUIT);
  });

  it('believes what refused a write where it is older, too', async () => {
    const { replica, put, commit } = await observing(due);
    put({ ...closed, generation: 2 });
    expect(await commit(trip)).toEqual({ kind: 'refused' });
    expect(replica.view.circuit).toMatchObject({ generation: 2 });
  });

  it('does not go back to an answer that others have overtaken', async () => {
    const { replica, put, time, commit } = await observing(due);
    const store = due;
    put({ ...closed, generation: 2 });
    const late = replica.readLatest();
    put(store);
    await commit(trip);
    await time.until(late);
    expect(replica.view.circuit).toMatchObject({ state: 'OPEN', generation: 8 });
  });

  it('serves once more, and longer, when a read is throttled', async () => {
    const { replica, refresh, faults, time } = await observing(closed, { viewTtlMs: 100 });
    expect(replica.maxAgeMs()).toBe(100);
    await time.run(100);
    faults.push('throttled');
    await refresh(100);
    expect(replica.maxAgeMs()).toBe(200);
    expect(replica.view).toMatchObject({ circuit: closed, observedAtMs: NOW_MS + 100 });
    expect(replica.storeError).toBeUndefined();
  });

  it('is unobserved at first, and stays so while the store does not answer', async () => {
    const { replica, refresh, faults } = replicaOf(open);
    expect(replica.view).toBe(UNOBSERVED);
    faults.push('down');
    await refresh();
    expect(replica.view).toMatchObject({ circuit: ABSENT_CIRCUIT, observedAtMs: -Infinity });
  });
});

describe('People', () => {
  it('get the latest item, with patience', async () => {
    const { replica, contacts, faults, time } = await observing(closed);
    const startedAtMs = time.nowMs;
    faults.push('silent');
    const error = await time.until(replica.readLatest());
    expect(contacts).toEqual(['consistent read']);
    expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    expect(time.nowMs - startedAtMs).toBe(FIRST_READ_MS);
  });

  it('learn why there was no answer, and that an item makes no sense', async () => {
    const { replica, put, time, faults } = await observing(closed);
    faults.push('throttled');
    expect(await time.until(replica.readLatest())).toMatchObject({ kind: 'throttled' });
    put({ ...closed, state: 'AJAR' });
    const expected = { kind: 'malformed', message: expect.stringContaining('state = "AJAR"') };
    expect(await time.until(replica.readLatest())).toMatchObject(expected);
    expect(replica.storeError).toMatchObject(expected);
    await time.run(HOUR_MS);
  });
});
