/** How an instance decides alone, and when it ends that. */
import { describe, expect, it } from 'vitest';
import { ABSENT_CIRCUIT, type Circuit } from '../../src/protocol/circuit.ts';
import type { Write } from '../../src/protocol/conditional-write.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import * as writes from '../../src/protocol/writes.ts';
import {
  closed,
  context,
  FAILED,
  failing,
  NOW_MS,
  open,
  type probing,
} from '../support/circuits.ts';
import {
  BACK_OFF_MS,
  CONNECT_MS,
  ctx,
  due,
  inLocalMode,
  observing,
  READ_MS,
  replicaOf,
  trip,
  tripByAnother,
} from '../support/replica.ts';

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
