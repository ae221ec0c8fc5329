/** An instance's own circuit, while it decides without the fleet. */
import { describe, expect, it } from 'vitest';
import { LocalMode } from '../../src/fleet/local-mode.ts';
import type { Circuit, OpenCircuit } from '../../src/protocol/circuit.ts';
import { NO_STREAK } from '../../src/protocol/conditional-write.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import { observe, UNOBSERVED, type View } from '../../src/protocol/view.ts';
import * as writes from '../../src/protocol/writes.ts';
import { closed, context, FAILED, failing, NOW_MS, open, probing } from '../support/circuits.ts';

const WINDOW_MS = 30_000;
const ctx = context();
const due = { ...failing, streakScore: 2 };
const trip = writes.trip(due, { cause: 'Error' }, ctx);
const at = (nowMs = NOW_MS) => ({ nowMs, random: 0, maxOpenMs: 30_000, rampMs: 0 });
const viewOf = (circuit: Circuit): View => observe(UNOBSERVED, circuit, at());

it('Local mode begins with the fleet’s view, under a name of its own', () => {
  const view = viewOf(due);
  const local = new LocalMode(7, view);
  expect([local.id, local.view]).toEqual([7, view]);
  expect(local.hasFleetMovedOn(due)).toBe(false);
});

describe('A write', () => {
  it('is applied to the own circuit', () => {
    const local = new LocalMode(1, viewOf(due));
    const circuit = local.commit(trip, at(NOW_MS + 5));
    expect(circuit).toMatchObject({ state: 'OPEN', generation: 8, reason: '3 x Error' });
    expect(local.view).toMatchObject({ circuit, observedAtMs: NOW_MS + 5 });
    expect(local.view.waitUntilMs).toBe(NOW_MS + 5_000);
    expect(local.hasFleetMovedOn(due)).toBe(false);
  });

  it('whose conditions do not hold changes nothing', () => {
    const local = new LocalMode(1, viewOf(due));
    local.commit(trip, at());
    const { view } = local;
    expect(local.commit(trip, at())).toBeUndefined();
    expect(local.view).toBe(view);
  });

  it('may be the first, of an instance that has observed nothing', () => {
    const local = new LocalMode(1, UNOBSERVED);
    const { circuit } = UNOBSERVED;
    const write = streakWrites.openStreak(circuit as typeof closed, FAILED, ctx);
    expect(local.commit(write, at())).toMatchObject({ schemaVersion: 2, streakScore: 1 });
  });
});

describe('The wait of the own circuit', () => {
  it.each([
    ['becomes longer', 10_000, 10_000],
    ['does not become shorter', 1_000, 4_900],
  ])('%s', (_, atLeastMs, waitMs) => {
    const local = new LocalMode(1, viewOf(open));
    local.waitUntilAtLeast(NOW_MS + atLeastMs);
    expect(local.view).toEqual({ ...viewOf(open), waitUntilMs: NOW_MS + waitMs });
  });

  it('is none while that is closed', () => {
    const local = new LocalMode(1, viewOf(closed));
    local.waitUntilAtLeast(NOW_MS + 10_000);
    expect(local.view).toEqual(viewOf(closed));
  });

  it('begins anew when the clock was set back', () => {
    const local = new LocalMode(1, viewOf(open));
    local.reconsider(at(NOW_MS - 3_600_000));
    expect(local.view.waitUntilMs).toBe(NOW_MS - 3_600_000 + open.openDurationMs);
    expect(local.view.circuit).toBe(open);
  });
});

it.each<[string, Circuit, boolean]>([
  ['not while its generation is that of the beginning', failing, false],
  ['once it has another', { ...closed, generation: 8 }, true],
  ['once it was reset', { ...closed, generation: 0 }, true],
  ['once its state was edited manually', { ...open, generation: closed.generation }, true],
  ['once an override was edited into it', { ...closed, override: 'FORCED_OPEN' }, true],
  ["once its override's end was edited", { ...closed, overrideUntilMs: NOW_MS }, true],
])('The fleet has moved on: %s', (_, fleetCircuit, expected) => {
  const local = new LocalMode(1, viewOf(closed));
  expect(local.hasFleetMovedOn(fleetCircuit)).toBe(expected);
});

interface Row {
  readonly title: string;
  /** The fleet's circuit when local mode began, if not the present one. */
  readonly from?: Circuit;
  readonly own?: Circuit;
  readonly fleet?: Circuit;
  readonly canWrite?: boolean;
  readonly isOver: boolean;
}

it.each<Row>([
  { title: 'if neither circuit has anything to say', isOver: true },
  { title: 'not while its own circuit is open', own: open, isOver: false },
  { title: 'not while its own circuit is half-open', own: probing, isOver: false },
  {
    title: 'not while its own circuit counts failures',
    own: { ...failing, streakId: 5 },
    isOver: false,
  },
  { title: 'not while the fleet is open', fleet: open, isOver: false },
  { title: 'not while the fleet counts failures', fleet: failing, isOver: false },
  {
    title: 'if the streak of the fleet has run out',
    fleet: { ...failing, updatedAtMs: NOW_MS - WINDOW_MS },
    isOver: true,
  },
  {
    title: 'if the fleet has moved on',
    from: closed,
    own: open,
    fleet: { ...open, generation: 8 },
    isOver: true,
  },
  { title: 'if the fleet can be told of failures', own: open, canWrite: true, isOver: true },
])('Local mode is over: $title', (row) => {
  const { own = closed, fleet = closed, from = fleet, canWrite = false, isOver } = row;
  const local = new LocalMode(1, viewOf(from));
  local.commit({ operation: 'becomes', conditions: [], set: { ...NO_STREAK, ...own } }, at());
  const evidence = { fleetCircuit: fleet, canWrite, nowMs: NOW_MS, streakWindowMs: WINDOW_MS };
  expect(local.isOver(evidence)).toBe(isOver);
});

it('A local trip is an open circuit like the fleet’s', () => {
  const local = new LocalMode(1, viewOf(due));
  const { openUntilMs } = local.commit(trip, at()) as OpenCircuit;
  expect(local.view.waitUntilMs).toBe(openUntilMs);
});
