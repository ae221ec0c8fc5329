/**
 * The writes of the protocol, in the order of a circuit's life. Each repeats in its conditions what
 * it was derived from, so that of those racing one is applied and the others are shown that.
 */
import type { Attribute, Circuit, HalfOpenCircuit, OpenCircuit, Override } from './state.ts';
import { type ClosedCircuit, NEVER_WRITTEN } from './state.ts';

type Value = string | number | undefined;

/** Equal to undefined: absent. What is absent, or of another type, is neither below nor at least. */
export type Condition = { attribute: Attribute; is: 'equal' | 'below' | 'atLeast'; value: Value };

/** Applied by the store, atomically, if all conditions hold. `operation`: its name, for people. */
export interface Write {
  readonly operation: string;
  readonly conditions: readonly Condition[];
  /** What to set attributes to; undefined: remove them. */
  readonly set: { readonly [A in Attribute]?: Value };
  /** Attribute to add 1 to, in the same write. */
  readonly increment?: Attribute;
}

export interface Rules {
  /** Failures in a row, across the fleet, that trip the circuit. Default 5. */
  readonly failureThreshold: number;
  /** The deadline of one downstream call. Default 2000. */
  readonly callTimeoutMs: number;
  /** A streak of failures older than this starts again. Default 30000. */
  readonly streakWindowMs: number;
  /** The first open period. Default 5000. */
  readonly openMs: number;
  /** The longest open period: it doubles with every reopening in a row. Default 30000. */
  readonly maxOpenMs: number;
  /** Half-open: at most `max` probes, one at a time, of which `need` must succeed. Default 1, 1. */
  readonly probes: { readonly max: number; readonly need: number };
}

/** Who writes, when, under which rules. `random`: in [0, 1). `probeId`: never used twice. */
export type Writer = Rules & { instanceId: string; nowMs: number; random: number; probeId: string };

/** Reopenings are forgotten when the last recovery is older than this. */
const REOPENINGS_KEPT_MS = 30_000;
/** Share of the open period, to each side. */
const OPEN_JITTER = 0.1;
/** Added to the call timeout: by then a live prober has reported. */
const LEASE_MARGIN_MS = 1_000;

const NO_STREAK = { streakFailures: undefined, streakStartedAt: undefined };
const NO_PROBE = { probeOwner: undefined, probeLeaseUntil: undefined };
const NO_COUNTS = { probesIssued: undefined, probesOk: undefined, probesFailed: undefined };
const NO_WORD = { override: undefined, overrideUntil: undefined };
const NOT_OPEN = { openUntil: undefined, openDurationMs: undefined };
/** What no transition carries over. */
const NOTHING = { ...NO_STREAK, ...NO_PROBE, ...NO_COUNTS, ...NO_WORD, ...NOT_OPEN };

export function openStreak(seen: ClosedCircuit, cause: string, by: Writer): Write {
  const streak = { streakId: seen.streakId + 1, streakFailures: 1, streakStartedAt: by.nowMs };
  return write('openStreak', seen, by, { ...streak, reason: `failing: ${cause}` }, 'streakId');
}

/** Adds to what it finds, not to what was seen: of 50 at once, each that has room is applied. */
export function countFailure(seen: ClosedCircuit, by: Writer): Write {
  const counted = write('countFailure', seen, by, {}, 'streakId');
  return { ...onlyIf(counted, 'below', by.failureThreshold - 1), increment: 'streakFailures' };
}

export function trip(seen: ClosedCircuit, cause: string, by: Writer): Write {
  const isForgotten = by.nowMs - (seen.closedAt ?? 0) > REOPENINGS_KEPT_MS;
  const reason = `${by.failureThreshold} x ${cause}`;
  const opened = openPeriod(isForgotten ? 0 : seen.reopenings, reason, by);
  const tripped = transition('trip', seen, by, opened, 'streakId');
  // With a threshold of 1 there is no streak to look at: the first failure trips.
  return by.failureThreshold === 1 ? tripped : onlyIf(tripped, 'atLeast', by.failureThreshold - 1);
}

export function clearStreak(seen: ClosedCircuit, by: Writer): Write {
  return write('clearStreak', seen, by, { ...NO_STREAK, reason: 'succeeded again' }, 'streakId');
}

/** When the period is over, the claimer's view says (view.ts); a hand may have moved it since. */
export function claimProbe(seen: OpenCircuit, by: Writer): Write {
  return transition('claimProbe', seen, by, firstProbe('the open period is over', by), 'openUntil');
}

/** After a probe that did not decide. Any instance may make it. */
export function nextProbe(seen: HalfOpenCircuit, by: Writer): Write {
  const next = { ...probe(seen.probesIssued + 1, by), reason: 'another probe is needed' };
  return write('nextProbe', seen, by, next, 'probeOwner', 'probesIssued');
}

/** When a prober has died. The new generation makes whatever it may still report inert. */
export function takeOverProbe(seen: HalfOpenCircuit, by: Writer): Write {
  const taken = firstProbe('the prober is gone', by);
  return transition('takeOverProbe', seen, by, taken, 'probeOwner', 'probeLeaseUntil');
}

/** A probe's report that decides nothing yet: `counts` as they are now. Only the owner's fits. */
export function reportProbe(seen: HalfOpenCircuit, counts: Write['set'], by: Writer): Write {
  const reported = { ...NO_PROBE, ...counts, reason: 'a probe reported' };
  return write('reportProbe', seen, by, reported, 'probeOwner');
}

export function recover(seen: HalfOpenCircuit, by: Writer): Write {
  const closed = { state: 'CLOSED', closedAt: by.nowMs, reason: 'the probe succeeded' };
  return transition('recover', seen, by, closed, 'probeOwner');
}

export function reopen(seen: HalfOpenCircuit, cause: string, by: Writer): Write {
  const opened = openPeriod(seen.reopenings + 1, `the probe failed: ${cause}`, by);
  return transition('reopen', seen, by, opened, 'probeOwner');
}

/** An operator's word, until a time or until released; without `override`, that release. */
export type Word = { override?: Override; overrideUntil?: number | undefined; reason: string };

/** The state beneath goes on, without streak and probe: those under way are of the old generation. */
export function overrule(seen: Circuit, word: Word, by: Writer): Write {
  const next = { ...NO_WORD, ...NO_STREAK, ...NO_PROBE, ...word, generation: seen.generation + 1 };
  return write(word.override ? 'override' : 'release', seen, by, next);
}

/** `pins`: what must be as seen, besides the circuit's identity; of no item, that there is none. */
type Make = [operation: string, seen: Circuit, by: Writer, set: Write['set'], ...pins: Attribute[]];

function transition(...[operation, seen, by, to, ...pins]: Make): Write {
  const next = { ...NOTHING, ...to, generation: seen.generation + 1 };
  return write(operation, seen, by, next, ...pins);
}

function write(...[operation, seen, by, to, ...pins]: Make): Write {
  const set = { ...to, updatedBy: by.instanceId, updatedAt: by.nowMs };
  const equal = (pin: Attribute, value: Value) => ({ attribute: pin, is: 'equal' as const, value });
  if (seen === NEVER_WRITTEN)
    return { operation, conditions: [equal('generation', undefined)], set: { ...seen, ...set } };
  const pinned = ['generation', 'state', 'override', 'overrideUntil', ...pins] as Attribute[];
  const was: Write['set'] = seen;
  return { operation, conditions: pinned.map((pin) => equal(pin, was[pin])), set };
}

function onlyIf(made: Write, is: 'below' | 'atLeast', value: number): Write {
  const streak: Condition = { attribute: 'streakFailures', is, value };
  return { ...made, conditions: [...made.conditions, streak] };
}

function openPeriod(reopenings: number, reason: string, by: Writer) {
  const plannedMs = Math.min(by.openMs * 2 ** reopenings, by.maxOpenMs);
  const openDurationMs = Math.round(plannedMs * (1 + OPEN_JITTER * (2 * by.random - 1)));
  const openUntil = by.nowMs + openDurationMs;
  return { state: 'OPEN', reopenings, reason, openDurationMs, openUntil };
}

function firstProbe(reason: string, by: Writer) {
  return { state: 'HALF_OPEN', reason, ...probe(1, by), probesOk: 0, probesFailed: 0 };
}

function probe(probesIssued: number, by: Writer) {
  const probeLeaseUntil = by.nowMs + by.callTimeoutMs + LEASE_MARGIN_MS;
  return { probesIssued, probeOwner: by.probeId, probeLeaseUntil };
}
