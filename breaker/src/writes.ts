/**
 * The conditional writes of the protocol, in the order of a circuit's life.
 *
 * Who races with whom: any number of instances may derive writes from the same view at once. Each
 * write repeats in its conditions what it was derived from, so of those racing one is applied, and
 * the others are refused and shown the item that refused them. What the conditions pin:
 *
 *   generation   the state's identity; it grows with every transition
 *   state        the same, against an item edited by hand without a new generation
 *   override     as seen (absent or run out), so that an operator's word is never overwritten
 *   streak       which one it is, and whether it stands or how far it has grown
 *   probe        whose it is (an owner's id is never used twice), and the count it was issued from
 */

import type { ClosedCircuit, HalfOpenCircuit, OpenCircuit } from './state.ts';
import { type Attribute, type Circuit, NEVER_WRITTEN, type Override } from './state.ts';

/** What must hold of the stored item for a write to be applied. All of a write's must hold. */
export type Condition =
  | { readonly attribute: Attribute; readonly is: 'absent' }
  | {
      readonly attribute: Attribute;
      readonly is: 'equal' | 'below' | 'atLeast';
      readonly value: string | number;
    };

/** One conditional write. A store only applies it, atomically. */
export interface Write {
  /** The name of the function below that made it; for people. */
  readonly operation: string;
  readonly conditions: readonly Condition[];
  readonly set: Partial<Record<Attribute, string | number>>;
  /** Attribute to add 1 to, in the same write. */
  readonly increment?: Attribute;
  readonly remove: readonly Attribute[];
}

/** Who writes, when, under which rules. All durations in milliseconds. */
export interface Writer {
  readonly id: string;
  readonly nowMs: number;
  /** In [0, 1). */
  readonly random: number;
  /** The id this writer would probe under; never used twice. */
  readonly probeId: string;
  readonly rules: Rules;
}

export interface Rules {
  readonly failureThreshold: number;
  readonly streakWindowMs: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
  readonly probes: { readonly max: number; readonly need: number };
  /** How long a probe may be under way before it is given up for dead. */
  readonly leaseMs: number;
}

/** What a write changes; an attribute given as undefined is removed. */
type Changes = { readonly [A in Attribute]?: string | number | undefined };

/** Reopenings are forgotten when the last recovery is older than this. */
const REOPENINGS_KEPT_MS = 30_000;
/** Share of the open period, to each side: keeps many circuits from probing in step. */
const OPEN_JITTER = 0.1;

const NO_STREAK: Changes = { streakFailures: undefined, streakStartedAt: undefined };
const NO_PROBE: Changes = { probeOwner: undefined, probeLeaseUntil: undefined };
const NO_OVERRIDE: Changes = { override: undefined, overrideUntil: undefined };
const NOT_OPEN: Changes = { openUntil: undefined, openDurationMs: undefined };
const NO_COUNTS: Changes = {
  probesIssued: undefined,
  probesOk: undefined,
  probesFailed: undefined,
};

/** Races with every other first failure: one opens the streak, the others learn of it. */
export function openStreak(seen: ClosedCircuit, cause: string, by: Writer): Write {
  const streak = { streakId: seen.streakId + 1, streakFailures: 1, streakStartedAt: by.nowMs };
  const failing = { ...streak, reason: `failing: ${cause}` };
  return write('openStreak', seen, failing, asSeen(seen, 'streakId'), by);
}

/**
 * Races with its own kind, and is the only write that adds to what it finds rather than to what was
 * seen: of 50 failures at once each that still has room below the threshold is counted, and the
 * rest are refused and learn that it is time to trip.
 */
export function countFailure(seen: ClosedCircuit, by: Writer): Write {
  const hasRoom = {
    attribute: 'streakFailures',
    is: 'below',
    value: by.rules.failureThreshold - 1,
  };
  const conditions = [...asSeen(seen, 'streakId'), hasRoom as Condition];
  return { ...write('countFailure', seen, {}, conditions, by), increment: 'streakFailures' };
}

/** Races with other trips (one wins) and with a success that clears the streak (either may win). */
export function trip(seen: ClosedCircuit, cause: string, by: Writer): Write {
  const threshold = by.rules.failureThreshold;
  const isForgotten = by.nowMs - (seen.closedAt ?? 0) > REOPENINGS_KEPT_MS;
  const conditions = asSeen(seen, 'streakId');
  // With a threshold of 1 there is no streak to look at: the first failure trips.
  if (threshold > 1)
    conditions.push({ attribute: 'streakFailures', is: 'atLeast', value: threshold - 1 });
  const opened = open(isForgotten ? 0 : seen.reopenings, `${threshold} x ${cause}`, by);
  return transition('trip', seen, opened, conditions, by);
}

/** Races with failures of the same streak: those that come later find it cleared. */
export function clearStreak(seen: ClosedCircuit, by: Writer): Write {
  const cleared = { ...NO_STREAK, reason: 'succeeded again' };
  return write('clearStreak', seen, cleared, asSeen(seen, 'streakId'), by);
}

/**
 * Races with every instance whose open period is over: exactly one is applied. When that is, the
 * claimer's own patience says (view.ts); a hand that has moved `openUntil` since is still obeyed.
 */
export function claimProbe(seen: OpenCircuit, by: Writer): Write {
  const probing = halfOpen('the open period is over', by);
  return transition('claimProbe', seen, probing, asSeen(seen, 'openUntil'), by);
}

/** After a probe that did not decide: any instance makes the next one, and one at a time does. */
export function nextProbe(seen: HalfOpenCircuit, by: Writer): Write {
  const next = { ...probe(seen.probesIssued + 1, by), reason: 'another probe is needed' };
  return write('nextProbe', seen, next, asSeen(seen, 'probeOwner', 'probesIssued'), by);
}

/**
 * When a prober has died. The new generation makes whatever it may still report inert.
 *
 *   claim |--- call timeout ---|-- 1 s --| lease over: the next caller takes over
 *                              a live prober has reported by here
 */
export function takeOverProbe(seen: HalfOpenCircuit, by: Writer): Write {
  const conditions = asSeen(seen, 'probeOwner', 'probeLeaseUntil');
  return transition('takeOverProbe', seen, halfOpen('the prober is gone', by), conditions, by);
}

/** A probe's report that decides nothing yet. Like all reports it fits only the owner's probe. */
export function reportProbe(
  counter: 'probesIssued' | 'probesOk' | 'probesFailed',
  seen: HalfOpenCircuit,
  by: Writer,
): Write {
  // A probe that is given back was never issued.
  const count = seen[counter] + (counter === 'probesIssued' ? -1 : 1);
  const reported = { ...NO_PROBE, [counter]: count, reason: 'a probe reported' };
  return write('reportProbe', seen, reported, asSeen(seen, 'probeOwner'), by);
}

export function recover(seen: HalfOpenCircuit, by: Writer): Write {
  const closed = { state: 'CLOSED', closedAt: by.nowMs, reason: 'the probe succeeded' };
  return transition('recover', seen, closed, asSeen(seen, 'probeOwner'), by);
}

export function reopen(seen: HalfOpenCircuit, cause: string, by: Writer): Write {
  const opened = open(seen.reopenings + 1, `the probe failed: ${cause}`, by);
  return transition('reopen', seen, opened, asSeen(seen, 'probeOwner'), by);
}

/** An operator's word; `override` absent: the last one is taken back. */
export interface Word {
  readonly override?: Override;
  /** Epoch milliseconds; absent: until released. */
  readonly overrideUntil?: number | undefined;
  readonly reason: string;
}

/** The state beneath goes on, without streak and probe: those under way are of the old generation. */
export function overrule(seen: Circuit, word: Word, by: Writer): Write {
  const changes = { ...NO_OVERRIDE, ...NO_STREAK, ...NO_PROBE, ...word };
  const next = { ...changes, generation: seen.generation + 1 };
  return write(word.override ? 'override' : 'release', seen, next, [], by);
}

/**
 * Makes a closed circuit of an item that cannot be understood, whatever it holds. The epoch in
 * milliseconds is a generation beyond any that was ever counted, so every view accepts it.
 */
export function repair(by: Writer): Write {
  const changes = { ...NOTHING, closedAt: undefined, reason: 'repaired', generation: by.nowMs };
  return { ...write('repair', NEVER_WRITTEN, changes, [], by), conditions: [] };
}

/** What no transition carries over. */
const NOTHING = { ...NO_STREAK, ...NO_PROBE, ...NO_OVERRIDE, ...NOT_OPEN, ...NO_COUNTS };

function transition(
  operation: string,
  seen: Circuit,
  changes: Changes,
  conditions: readonly Condition[],
  by: Writer,
): Write {
  const next = { ...NOTHING, ...changes, generation: seen.generation + 1 };
  return write(operation, seen, next, conditions, by);
}

function write(
  operation: string,
  seen: Circuit,
  changes: Changes,
  conditions: readonly Condition[],
  by: Writer,
): Write {
  const base = seen === NEVER_WRITTEN ? NEVER_WRITTEN : {};
  const after = { ...base, ...changes, updatedBy: by.id, updatedAt: by.nowMs };
  const attributes = Object.entries(after) as [Attribute, string | number | undefined][];
  return {
    operation,
    conditions:
      seen === NEVER_WRITTEN
        ? [{ attribute: 'generation', is: 'absent' }]
        : [...asSeen(seen, 'generation', 'state', 'override', 'overrideUntil'), ...conditions],
    set: Object.fromEntries(attributes.filter(([, value]) => value !== undefined)),
    remove: attributes.filter(([, value]) => value === undefined).map(([name]) => name),
  };
}

function asSeen(seen: Circuit, ...attributes: Attribute[]): Condition[] {
  return attributes.map((attribute) => {
    const value = (seen as Changes)[attribute];
    return value === undefined ? { attribute, is: 'absent' } : { attribute, is: 'equal', value };
  });
}

function open(reopenings: number, reason: string, by: Writer) {
  const plannedMs = Math.min(by.rules.openMs * 2 ** reopenings, by.rules.maxOpenMs);
  const openDurationMs = Math.round(plannedMs * (1 + OPEN_JITTER * (2 * by.random - 1)));
  return {
    state: 'OPEN',
    reopenings,
    reason,
    openDurationMs,
    openUntil: by.nowMs + openDurationMs,
  };
}

function halfOpen(reason: string, by: Writer) {
  return { state: 'HALF_OPEN', reason, ...probe(1, by), probesOk: 0, probesFailed: 0 };
}

function probe(probesIssued: number, by: Writer) {
  return { probesIssued, probeOwner: by.probeId, probeLeaseUntil: by.nowMs + by.rules.leaseMs };
}
