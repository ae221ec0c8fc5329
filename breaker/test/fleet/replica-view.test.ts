/** An instance's view of the circuit: how old it may be, and which answer it believes. */
import { describe, expect, it } from 'vitest';
import { ABSENT_CIRCUIT } from '../../src/protocol/circuit.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import { UNOBSERVED } from '../../src/protocol/view.ts';
import { closed, context, FAILED, failing, NOW_MS, open } from '../support/circuits.ts';
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
  WRITE_MS,
} from '../support/replica.ts';

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

  it('is refreshed by the item itself only if it is as old as that', async () => {
    const { replica, time, contacts } = await observing(closed);
    await time.run(20);
    await time.until(replica.refreshByItemIfOlderThan(21));
    expect(contacts).toEqual([]);
    await time.until(replica.refreshByItemIfOlderThan(20));
    expect(contacts).toEqual(['read']);
  });

  it('is refreshed by any read under way, where there are no copies', async () => {
    const { replica, time, contacts, faults } = await observing(closed);
    faults.push(30);
    const any = replica.refreshIfOlderThan(0);
    await time.until(Promise.all([any, replica.refreshByItemIfOlderThan(0)]));
    expect(contacts).toEqual(['read']);
  });

  it('is refreshed by the item itself, and not by a copy, where that is demanded', async () => {
    const { replica, time, contacts } = await observing(closed, { mirrors: 1 });
    await time.until(replica.refreshIfOlderThan(0));
    expect(contacts).toEqual(['read of a copy']);
    await time.until(replica.refreshByItemIfOlderThan(0));
    expect(contacts).toEqual(['read of a copy', 'read']);
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

  it('a call that begins before its TTL is over', async () => {
    const { replica } = await observing(closed, { viewTtlMs: 100 });
    expect([99, 100].map((ageMs) => replica.isFresh(NOW_MS + ageMs))).toEqual([true, false]);
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
