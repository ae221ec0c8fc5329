/** What an instance makes of the answers to its writes, and whom it asks. */
import { describe, expect, it } from 'vitest';
import { ABSENT_CIRCUIT, type Circuit } from '../../src/protocol/circuit.ts';
import type { Write } from '../../src/protocol/conditional-write.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import * as writes from '../../src/protocol/writes.ts';
import { closed, context, FAILED, failing, NOW_MS, open, probing } from '../support/circuits.ts';
import {
  BACK_OFF_MS,
  CONNECT_MS,
  ctx,
  due,
  inLocalMode,
  observing,
  trip,
  WRITE_MS,
} from '../support/replica.ts';

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

  it('that is refused while its repeat is under way is published once that was applied', async () => {
    const { commit, faults, put, time, refresh, publishedAs } = await observing(failing);
    faults.push(260, -100);
    expect(await commit(trip)).toEqual({ kind: 'refused' });
    put(due);
    await time.run(200);
    await refresh();
    expect(publishedAs()).toEqual(['fleet trip']);
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
    ['forgive', due, streakWrites.forgive(due, FAILED, context({ failureRate: 0.5 }))],
    ['countReports', failing, streakWrites.countReports(failing, FAILED, ctx)],
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

  it.each<[string, Write, string[]]>([
    ['that makes a new generation is copied', trip, ['trip', 'copy']],
    ['that does not is not', streakWrites.clearStreak(due, FAILED, ctx), ['clearStreak']],
  ])('%s, where there are copies', async (_, write, expected) => {
    const { commit, contacts } = await observing(due, { mirrors: 1 });
    await commit(write);
    expect(contacts).toEqual(expected);
  });

  it('to a circuit that has no item creates it', async () => {
    const { commit, item } = await observing(undefined);
    await commit(streakWrites.openStreak(ABSENT_CIRCUIT, FAILED, ctx));
    expect(item()).toMatchObject({ schemaVersion: 2, streakId: 1, streakScore: 1 });
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
