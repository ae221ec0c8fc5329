/** One instance's copy of the circuit: observed and changed through the store, or locally. */
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../simulation/virtual-time.ts';
import { StoreError } from '../../src/errors.ts';
import { Replica } from '../../src/fleet/replica.ts';
import { loadOptions } from '../../src/load-options.ts';
import type { BreakerOptions } from '../../src/options.ts';
import type { CircuitStore, StoreChange, Transition } from '../../src/ports.ts';
import { ABSENT_CIRCUIT, type Circuit, type Item } from '../../src/protocol/circuit.ts';
import type { Write } from '../../src/protocol/conditional-write.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import { UNOBSERVED } from '../../src/protocol/view.ts';
import * as writes from '../../src/protocol/writes.ts';
import { memoryStore } from '../../src/stores/memory-store.ts';
import { closed, context, FAILED, failing, NOW_MS, open, probing } from '../support/circuits.ts';

const CONNECT_MS = 500;
const READ_MS = 60;
const WRITE_MS = 120;
/** The first back-off, with the jitter of `random`. */
const BACK_OFF_MS = 187.5;
const due = { ...failing, streakScore: 2 };

/**
 * `lost`: the write is applied, but its answer never comes. A number: the answer takes so long, and
 * if negative the question does.
 */
type Fault = 'down' | 'throttled' | 'silent' | 'lost' | number;

/** A replica and its store. Of each contact the next of `faults` is made, if any. */
function replicaOf(circuit: Circuit | undefined, options: Partial<BreakerOptions> = {}) {
  const time = new VirtualTime();
  let skewMs = 0;
  const memory = memoryStore();
  if (circuit) memory.items.set('x', circuit as unknown as Item);
  const faults: (Fault | undefined)[] = [];
  const contacts: string[] = [];
  const published: Transition[] = [];
  const storeChanges: boolean[] = [];

  async function contact<T>(what: string, act: () => Promise<T>): Promise<T> {
    contacts.push(what);
    const fault = faults.shift();
    if (fault === 'down') throw new StoreError('unavailable', 'no connection');
    if (fault === 'throttled') throw new StoreError('throttled', 'too fast');
    if (fault === 'silent') return new Promise(() => {});
    if (typeof fault === 'number') await time.wait(-fault);
    const answer = await act();
    if (typeof fault === 'number') await time.wait(fault);
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
      clock: { now: () => time.nowMs + skewMs, after: (delayMs, run) => time.after(delayMs, run) },
      random: () => 0.5,
      onTransition: (transition) => published.push(transition),
      onStoreChange: ({ available }: StoreChange) => storeChanges.push(available),
      ...options,
    }),
  );
  const put = (item: object | undefined) =>
    item ? memory.items.set('x', { ...item }) : memory.items.delete('x');
  return {
    replica,
    time,
    setClockBack: (ms: number) => {
      skewMs -= ms;
    },
    faults,
    contacts,
    storeChanges,
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

/** A replica in local mode, because a read failed. */
async function inLocalMode(circuit: Circuit, options: Partial<BreakerOptions> = {}) {
  const fixture = await observing(circuit, options);
  fixture.faults.push('down');
  await fixture.refresh();
  fixture.contacts.length = 0;
  return fixture;
}

const ctx = context();
const trip = writes.trip(due, { cause: 'Error' }, ctx);
const tripByAnother = writes.trip(due, { cause: 'Error' }, context({ instanceId: 'another' }));

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
    expect([replica.view, replica.outageError, item()]).toEqual([view, undefined, due]);
    expect(publishedAs()).toEqual([]);
  });

  it('whose answer is lost is recognised as its own by what refuses its repeat', async () => {
    const { replica, commit, faults, item, contacts, publishedAs } = await observing(due);
    faults.push('lost');
    expect(await commit(trip)).toEqual({ kind: 'applied', circuit: item() });
    expect([contacts, publishedAs()]).toEqual([['trip', 'trip'], ['fleet trip']]);
    expect(replica.isStoreDown).toBe(false);
  });

  it('that its own repeat has overtaken is recognised as its own, though the repeat has no answer', async () => {
    const { replica, commit, faults, item, contacts, publishedAs } = await observing(due);
    const onItsWayMs = -CONNECT_MS / 2 - 50;
    faults.push(onItsWayMs, 'lost');
    expect(await commit(trip)).toEqual({ kind: 'applied', circuit: item() });
    expect([contacts, publishedAs()]).toEqual([['trip', 'trip'], ['fleet trip']]);
    expect(replica.isStoreDown).toBe(false);
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
    ['openStreak', closed, streakWrites.openStreak(closed, FAILED, ctx)],
    ['countFailure', failing, streakWrites.countFailure(failing, FAILED, ctx)],
  ])('that counts is not repeated: %s', async (operation, circuit, write) => {
    const { commit, faults, contacts } = await observing(circuit);
    faults.push('down');
    expect(await commit(write)).toEqual({ kind: 'unreachable' });
    expect(contacts).toEqual([operation]);
  });

  it.each<[string, Circuit, Write]>([
    ['trip', due, trip],
    ['clearStreak', due, streakWrites.clearStreak(due, FAILED, ctx)],
    ['claimProbe', open, writes.claimProbe(open, ctx)],
    ['takeOverProbe', probing, writes.takeOverProbe(probing, ctx)],
    ['reportProbe', probing, writes.reportProbe(probing, { probesOk: 1 }, ctx)],
    ['recover', probing, writes.recover(probing, {}, ctx)],
    ['reopen', probing, writes.reopen(probing, { cause: 'Error' }, ctx)],
    ['release', open, writes.applyOverride(open, { reason: 'x' }, ctx)],
  ])('that does not count is sent twice: %s', async (operation, circuit, write) => {
    const { commit, faults, contacts } = await observing(circuit);
    faults.push('down');
    expect(await commit(write)).toMatchObject({ kind: 'applied' });
    expect(contacts).toEqual([operation, operation]);
  });

  it('that gets no answer leaves the replica in local mode, and publishes that', async () => {
    const { replica, commit, faults, storeChanges } = await observing(due);
    faults.push('silent', 'silent', 'silent');
    expect(await commit(trip)).toEqual({ kind: 'unreachable' });
    expect([replica.localId, replica.isStoreDown, storeChanges]).toEqual([1, true, [false]]);
    expect([replica.view.circuit, replica.fleetCircuit]).toEqual([due, due]);
  });

  it('whose answers are all lost is published when the item is read again', async () => {
    const { commit, faults, refresh, time, publishedAs } = await observing(due);
    faults.push('lost', 'lost', 'lost');
    await commit(trip);
    expect(publishedAs()).toEqual([]);
    await time.run(BACK_OFF_MS);
    await refresh();
    expect(publishedAs()).toEqual(['fleet trip']);
  });

  it('whose answer is late is published then, and what it left behind is known', async () => {
    const { replica, commit, faults, item, time, publishedAs } = await observing(due);
    faults.push(CONNECT_MS + WRITE_MS + 10, 'silent', 'silent');
    expect(await commit(trip)).toEqual({ kind: 'unreachable' });
    expect([publishedAs(), replica.fleetCircuit]).toEqual([[], due]);
    await time.run(10);
    expect([publishedAs(), replica.fleetCircuit]).toEqual([['fleet trip'], item()]);
    expect(replica.isStoreDown).toBe(true);
  });

  it('to a circuit that has no item creates it', async () => {
    const { commit, item } = await observing(undefined);
    await commit(streakWrites.openStreak(ABSENT_CIRCUIT, FAILED, ctx));
    expect(item()).toMatchObject({ schemaVersion: 2, streakId: 1, streakScore: 1 });
  });
});

/** How a replica came to local mode. */
type Outage = 'a read failed' | 'a write failed' | 'a write was throttled';

/** A replica in local mode; `trips`: its own circuit has tripped. */
async function localBecause(outage: Outage, circuit: Circuit, trips = false) {
  const fixture = await observing(circuit);
  const { faults, refresh, commit, replica, time } = fixture;
  faults.push(outage === 'a write was throttled' ? 'throttled' : 'down');
  if (outage === 'a read failed') await refresh();
  else await commit(streakWrites.openStreak(circuit as typeof closed, FAILED, ctx));
  const own = replica.view.circuit as typeof closed;
  const write = trips
    ? writes.trip(own, { cause: 'Error' }, context({ failureThreshold: 1 }))
    : streakWrites.clearStreak(own, FAILED, ctx);
  replica.commitLocally(write);
  await time.run(BACK_OFF_MS);
  return fixture;
}

describe('A local write', () => {
  it('changes this instance’s circuit alone, and is published as the instance’s', async () => {
    const { replica, item, contacts, publishedAs } = await inLocalMode(due);
    const done = replica.commitLocally(trip);
    expect(done).toMatchObject({ kind: 'applied', circuit: { state: 'OPEN', generation: 8 } });
    expect(done).toHaveProperty('circuit', replica.view.circuit);
    expect([contacts, item(), replica.fleetCircuit]).toEqual([[], due, due]);
    expect(publishedAs()).toEqual(['instance trip']);
  });

  it('that the own circuit refuses is refused', async () => {
    const { replica, publishedAs } = await inLocalMode(due);
    replica.commitLocally(trip);
    const { view } = replica;
    expect(replica.commitLocally(tripByAnother)).toEqual({ kind: 'refused' });
    expect([replica.view, publishedAs()]).toEqual([view, ['instance trip']]);
  });

  it('of an instance that has observed nothing is applied', async () => {
    const { refresh, faults, replica } = replicaOf(undefined);
    faults.push('down');
    await refresh();
    const write = streakWrites.openStreak(ABSENT_CIRCUIT, FAILED, ctx);
    expect(replica.commitLocally(write)).toMatchObject({ kind: 'applied' });
    expect(replica.view.circuit).toMatchObject({ schemaVersion: 2, streakScore: 1 });
  });

  it.each<[string, Write, boolean[]]>([
    ['of a transition publishes that the store is unavailable', trip, [false]],
    [
      'within the generation publishes nothing',
      streakWrites.countFailure(due, FAILED, context({ failureThreshold: 5 })),
      [],
    ],
  ])('begins local mode where the store throttles: one %s', async (_, write, changes) => {
    const { replica, commit, faults, storeChanges } = await observing(due);
    faults.push('throttled');
    await commit(trip);
    expect(replica.commitLocally(write)).toMatchObject({ kind: 'applied' });
    expect([replica.localId, replica.isStoreDown, storeChanges]).toEqual([1, false, changes]);
    expect(replica.fleetCircuit).toEqual(due);
  });

  it('that leaves nothing to say ends local mode while the store answers', async () => {
    const { replica, commit, faults, storeChanges } = await observing(closed);
    const open = streakWrites.openStreak(closed, FAILED, ctx);
    faults.push('throttled');
    await commit(open);
    replica.commitLocally(open);
    expect(replica.localId).toBe(1);
    replica.commitLocally(
      streakWrites.clearStreak(replica.view.circuit as typeof closed, FAILED, ctx),
    );
    expect([replica.localId, storeChanges]).toEqual([undefined, []]);
  });

  it('that makes the circuit recover ends local mode, and publishes that', async () => {
    const { replica, commit, faults, storeChanges } = await observing(closed);
    faults.push('throttled');
    await commit(streakWrites.openStreak(closed, FAILED, ctx));
    const tripAtOnce = writes.trip(closed, { cause: 'Error' }, context({ failureThreshold: 1 }));
    replica.commitLocally(tripAtOnce);
    replica.commitLocally(writes.claimProbe(replica.view.circuit as typeof open, ctx));
    expect([replica.localId, storeChanges]).toEqual([1, [false]]);
    replica.commitLocally(writes.recover(replica.view.circuit as typeof probing, {}, ctx));
    expect([replica.localId, storeChanges]).toEqual([undefined, [false, true]]);
  });

  it('does not end local mode while the store is out of reach', async () => {
    const { replica } = await localBecause('a read failed', closed);
    expect(replica.localId).toBe(1);
  });
});

describe('Local mode', () => {
  it.each([
    ['for a whole period more', open.openUntilMs - 1_000, 5_000, NOW_MS + 5_000],
    ['no less than its own period', NOW_MS + 20_000, 20_000, NOW_MS + 20_125],
  ])('begins with an open circuit that is waited for: %s', async (_, untilMs, ms, waitUntilMs) => {
    const { replica } = await inLocalMode({ ...open, openUntilMs: untilMs, openDurationMs: ms });
    expect(replica.view.waitUntilMs).toBe(waitUntilMs);
  });

  it('has a number of its own, and an error, which end with it', async () => {
    const { replica, refresh, time, faults, storeChanges } = await inLocalMode(due);
    expect([replica.localId, replica.outageError?.message]).toEqual([1, 'no connection']);
    await time.run(BACK_OFF_MS);
    await refresh();
    expect([replica.localId, replica.outageError]).toEqual([undefined, undefined]);
    faults.push('down');
    await refresh();
    expect([replica.localId, storeChanges]).toEqual([2, [false, true, false]]);
  });

  it.each<[string, Outage, boolean, Circuit, boolean]>([
    ['after failed reads, whatever was decided', 'a read failed', true, closed, true],
    ['after failed writes, if nobody has anything to say', 'a write failed', false, closed, true],
    [
      'after failed writes, not while its own circuit is open',
      'a write failed',
      true,
      closed,
      false,
    ],
    ['after failed writes, not while the fleet counts', 'a write failed', false, failing, false],
    [
      'after failed writes, if the streak of the fleet has run out',
      'a write failed',
      false,
      { ...failing, updatedAtMs: NOW_MS - 40_000 },
      true,
    ],
    ['after failed writes, if the fleet was edited open', 'a write failed', false, open, true],
    [
      'after failed writes, if the fleet has moved on',
      'a write failed',
      true,
      { ...open, generation: 8 },
      true,
    ],
    [
      'after throttled writes, not while its own circuit is open',
      'a write was throttled',
      true,
      closed,
      false,
    ],
  ])('ends with a read in time: %s', async (_, outage, trips, found, ends) => {
    const { replica, refresh, put, storeChanges } = await localBecause(outage, closed, trips);
    put(found);
    const own = replica.view.circuit;
    await refresh();
    expect(replica.isStoreDown).toBe(false);
    expect(replica.localId).toBe(ends ? undefined : 1);
    expect(replica.fleetCircuit).toEqual(found);
    expect(replica.view.circuit).toEqual(ends ? found : own);
    expect(storeChanges.at(-1)).toBe(ends);
  });

  it('ends with a write in time, whatever was decided', async () => {
    const { replica, commit, storeChanges } = await localBecause('a write failed', closed, true);
    await commit(streakWrites.openStreak(closed, FAILED, ctx));
    expect([replica.localId, storeChanges]).toEqual([undefined, [false, true]]);
    expect(replica.view.circuit).toMatchObject({ state: 'CLOSED', streakScore: 1 });
  });

  it('ends with the late answer to a write, once the store is in reach: the fleet has been told', async () => {
    const { replica, commit, faults, time, refresh } = await observing(closed);
    const write = streakWrites.openStreak(closed, FAILED, ctx);
    faults.push(-CONNECT_MS - 300);
    expect(await commit(write)).toEqual({ kind: 'unreachable' });
    replica.commitLocally(write);
    await time.run(BACK_OFF_MS);
    await refresh();
    expect([replica.isStoreDown, replica.localId]).toEqual([false, 1]);
    await time.run(300);
    expect(replica.localId).toBeUndefined();
  });

  it('goes on with what was decided if the store goes out of reach as well', async () => {
    const { replica, refresh, faults } = await localBecause('a write was throttled', closed, true);
    const { circuit } = replica.view;
    faults.push('down');
    await refresh();
    expect([replica.isStoreDown, replica.localId]).toEqual([true, 1]);
    expect(replica.view.circuit).toEqual(circuit);
  });

  it('ends with an answer in time, though another has said the same before', async () => {
    const { replica, faults, refresh, time } = await observing(closed);
    faults.push(300);
    const patient = replica.readLatest();
    await time.run(30);
    await refresh();
    faults.push('down');
    await refresh();
    expect(replica.localId).toBe(1);
    await time.until(patient);
    expect([replica.isStoreDown, replica.localId]).toEqual([false, undefined]);
  });

  it('keeps its own circuit fresh by what it reads', async () => {
    const { replica, refresh, time } = await localBecause('a write failed', closed, true);
    await refresh();
    expect(replica.view).toMatchObject({
      circuit: { state: 'OPEN' },
      observedAtMs: time.nowMs,
    });
  });

  it.each<[string, Circuit, number]>([
    ['goes on after a late answer of its generation', { ...failing, streakId: 5 }, 1],
    [
      'begins anew after a late answer that shows another generation',
      { ...open, generation: 8, openUntilMs: NOW_MS + 1_000, openDurationMs: 1_000 },
      2,
    ],
  ])('%s', async (_, found, localId) => {
    const { replica, put, faults, time, contacts } = await observing(due);
    faults.push(READ_MS + 10);
    put(found);
    await time.until(replica.refreshIfOlderThan(0));
    const startedAtMs = time.nowMs;
    replica.commitLocally(streakWrites.clearStreak(due, FAILED, ctx));
    await time.run(10);
    expect([contacts, replica.localId, replica.isStoreDown]).toEqual([['read'], localId, true]);
    expect(replica.fleetCircuit).toEqual(found);
    if (localId === 1) expect(replica.view.circuit).not.toHaveProperty('streakScore');
    else expect(replica.view).toMatchObject({ circuit: found, waitUntilMs: startedAtMs + 5_010 });
  });
});

describe('A failure can be reported', () => {
  it('while the store is in reach, without a read', async () => {
    const { replica, contacts, time } = await observing(closed);
    expect([await time.until(replica.canReport()), contacts]).toEqual([true, []]);
  });

  it('in an outage only when a retry is due, and succeeds', async () => {
    const { replica, contacts, time, faults } = await inLocalMode(closed);
    expect([await time.until(replica.canReport()), contacts]).toEqual([false, []]);
    await time.run(BACK_OFF_MS);
    faults.push('down');
    expect([await time.until(replica.canReport()), contacts]).toEqual([false, ['read']]);
    await time.run(2 * BACK_OFF_MS);
    expect([await time.until(replica.canReport()), contacts]).toEqual([true, ['read', 'read']]);
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
    await time.run(BACK_OFF_MS - 1);
    await refresh();
    expect(contacts).toEqual([]);
    await time.run(1);
    await refresh();
    expect(contacts).toEqual(['read']);
  });

  it.each([
    [20, 1],
    [21, 2],
  ])('is refreshed by a read that began %i ms ago: %i reads', async (agoMs, reads) => {
    const { replica, time, contacts, faults } = await observing(closed);
    faults.push(30);
    const first = replica.refreshIfOlderThan(0);
    await time.run(agoMs);
    await time.until(Promise.all([first, replica.refreshIfOlderThan(0)]));
    expect(contacts).toHaveLength(reads);
  });

  it('is not refreshed by a read that began before the clock was set back', async () => {
    const { replica, time, contacts, faults, setClockBack } = await observing(closed);
    faults.push(30);
    const first = replica.refreshIfOlderThan(0);
    await time.run(1);
    setClockBack(1_000);
    await time.until(Promise.all([first, replica.refreshIfOlderThan(0)]));
    expect(contacts).toHaveLength(2);
  });

  it('is as old as the question, whenever the answer came', async () => {
    const { replica, time, faults } = await observing(closed);
    await time.run(100);
    faults.push(50);
    await time.until(replica.refreshIfOlderThan(0));
    expect(replica.view.observedAtMs).toBe(NOW_MS + 100);
  });

  it('asks again, consistently, where a read shows an older item', async () => {
    const { replica, refresh, put, contacts } = await observing({ ...open, generation: 8 });
    put(failing);
    await refresh();
    expect(contacts).toEqual(['read', 'consistent read']);
    expect(replica.view.circuit).toEqual(failing);
  });

  it('asks again without patience', async () => {
    const { replica, put, time, faults } = await observing({ ...open, generation: 8 });
    put(failing);
    faults.push(undefined, 'silent');
    await time.until(replica.refreshIfOlderThan(0));
    expect(time.nowMs).toBe(NOW_MS + READ_MS);
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

  it('does not go back to an answer that another has overtaken', async () => {
    const { replica, put, time, commit, faults } = await observing(due);
    put({ ...closed, generation: 2 });
    faults.push(30);
    const read = replica.readLatest();
    await time.run(1);
    put(due);
    await commit(trip);
    await time.until(read);
    expect(replica.view.circuit).toMatchObject({ state: 'OPEN', generation: 8 });
  });

  it('does not go back to a late answer that another has overtaken', async () => {
    const { replica, time, commit, faults } = await observing(due);
    faults.push(READ_MS + 20);
    await time.until(replica.refreshIfOlderThan(0));
    await commit(streakWrites.countFailure(due, FAILED, context({ failureThreshold: 5 })));
    const { view } = replica;
    await time.run(20);
    expect(replica.view).toBe(view);
  });

  it.each(['read', 'write'])(
    'is not dated back by a late answer that says the same: %s',
    async (kind) => {
      const { replica, time, refresh, faults, contacts } = await observing(due);
      faults.push(CONNECT_MS + WRITE_MS + 100, 'silent');
      if (kind === 'read') await refresh();
      else await time.until(replica.commit(streakWrites.clearStreak(due, FAILED, ctx)));
      faults.length = 0;
      await time.run(BACK_OFF_MS - 150);
      if (kind === 'read') await time.run(150);
      await time.until(replica.readLatest());
      const { view } = replica;
      await time.run(1_000);
      expect(replica.view).toBe(view);
      expect(contacts.length).toBeGreaterThan(1);
    },
  );

  it('does not go back to what a late answer shows', async () => {
    const { replica, time, refresh, faults, put, contacts } = await observing(closed);
    faults.push(READ_MS + 200);
    const late = refresh();
    await time.run(1);
    put({ ...open, generation: closed.generation + 1 });
    await late;
    await time.run(BACK_OFF_MS);
    await refresh();
    expect(replica.fleetCircuit.state).toBe('OPEN');
    await time.run(200);
    expect([replica.fleetCircuit.state, contacts]).toEqual(['OPEN', ['read', 'read']]);
  });

  it('is as old as it was after a read that failed', async () => {
    const { time, refresh, faults, contacts } = await observing(closed);
    await time.run(100);
    faults.push('down');
    await refresh();
    await time.run(BACK_OFF_MS);
    await refresh(BACK_OFF_MS + 100);
    expect(contacts).toEqual(['read', 'read']);
  });

  it('is unobserved at first, and stays so while the store does not answer', async () => {
    const { replica, refresh, faults } = replicaOf(open);
    expect(replica.view).toBe(UNOBSERVED);
    faults.push('down');
    await refresh();
    expect(replica.view).toMatchObject({ circuit: ABSENT_CIRCUIT, observedAtMs: -Infinity });
  });
});

describe('A view serves', () => {
  it('for its TTL, and longer while reads are throttled, which is no outage', async () => {
    const { replica, refresh, faults, time, contacts } = await observing(closed, {
      viewTtlMs: 100,
    });
    contacts.length = 0;
    contacts.push('the first');
    expect(replica.maxAgeMs()).toBe(100);
    await time.run(100);
    faults.push('throttled');
    await refresh(100);
    expect(replica.maxAgeMs()).toBe(200);
    expect(replica.view).toMatchObject({ circuit: closed });
    await refresh(100);
    expect(contacts).toHaveLength(2);
    expect([replica.outageError, replica.localId]).toEqual([undefined, undefined]);
  });

  it('no longer after a throttled read if the clock was set back since', async () => {
    const { refresh, faults, contacts, setClockBack } = await observing(closed);
    faults.push('throttled');
    await refresh();
    setClockBack(3_600_000);
    await refresh(100);
    expect(contacts).toEqual(['read', 'read']);
  });

  it('for 50 ms times the throttle factor at the least while reads are throttled', async () => {
    const { replica, refresh, faults } = await observing(closed);
    expect(replica.maxAgeMs()).toBe(0);
    faults.push('throttled', 'throttled');
    await refresh();
    expect(replica.maxAgeMs()).toBe(100);
    await refresh();
    expect(replica.maxAgeMs()).toBe(200);
  });

  it.each([
    [0, 1_000],
    [3_000, 3_000],
    [10_000, 5_000],
  ])('in local mode for a second, or its TTL: %i ms, %i ms', async (viewTtlMs, ageMs) => {
    const fleetOpen = { ...open, openUntilMs: NOW_MS + 20_000, openDurationMs: 20_000 };
    const { replica, refresh, faults } = await observing(fleetOpen, { viewTtlMs });
    expect(replica.maxAgeMs()).toBe(5_000);
    faults.push('down');
    await refresh();
    expect(replica.maxAgeMs()).toBe(ageMs);
  });

  it('in local mode no longer than otherwise', async () => {
    const { replica } = await inLocalMode(closed);
    expect(replica.maxAgeMs()).toBe(0);
  });
});

describe('People', () => {
  it('get the latest item, with patience', async () => {
    const { replica, contacts, faults, time } = await observing(closed);
    faults.push('silent', 'silent');
    const error = await time.until(replica.readLatest());
    // Half of the time to connect passed, and a new connection was tried.
    expect(contacts).toEqual(['consistent read', 'consistent read']);
    expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    expect(time.nowMs).toBe(NOW_MS + CONNECT_MS);
  });

  it('learn why there was no answer, and that an item makes no sense', async () => {
    const { replica, put, time, faults } = await observing(closed);
    faults.push('throttled');
    expect(await time.until(replica.readLatest())).toMatchObject({ kind: 'throttled' });
    put({ ...closed, state: 'AJAR' });
    const expected = { kind: 'malformed', message: expect.stringContaining('state = "AJAR"') };
    expect(await time.until(replica.readLatest())).toMatchObject(expected);
    expect(replica.outageError).toMatchObject(expected);
  });
});
