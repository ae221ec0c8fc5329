/**
 * The conditional writes of the protocol, in the order of a circuit's life.
 *
 * Who races with whom: any number of instances may derive writes from the same view at once. Each
 * write repeats in its conditions what it was derived from, so of those racing, one is applied and
 * the others are refused and shown the item that refused them. All but `countFailure` replace the
 * whole state; that is safe because the conditions pin everything that could have changed:
 *
 *   generation   pins the state's identity; it grows with every transition
 *   state        the same, against an item edited by hand without a new generation
 *   override     as seen, so that an operator's word is never overwritten
 *   streak       `streakId`, and whether it stands or how many failures it has
 *   probe        `probeOwner`, unique to each probe, and the count it was issued from
 */
import type { Circuit, ClosedCircuit, HalfOpenCircuit, OpenCircuit } from './state.ts';
import { type Attribute, NEVER_WRITTEN, OPTIONAL_ATTRIBUTES, SCHEMA_VERSION } from './state.ts';

/** What must hold of the stored item for a write to be applied. All of a write's must hold. */
export type Condition =
  | { readonly attribute: Attribute; readonly is: 'absent' }
  | {
      readonly attribute: Attribute;
      readonly is: 'equal' | 'below' | 'atMost' | 'atLeast';
      readonly value: string | number;
    };

/** One conditional write. A store only applies it, atomically. */
export interface Write {
  readonly operation: Operation;
  readonly conditions: readonly Condition[];
  readonly set: Partial<Record<Attribute, string | number>>;
  /** Attribute to add 1 to, in the same write. */
  readonly increment?: Attribute;
  readonly remove: readonly Attribute[];
}

export type Operation =
  | 'openStreak'
  | 'countFailure'
  | 'trip'
  | 'clearStreak'
  | 'claimProbe'
  | 'nextProbe'
  | 'takeOverProbe'
  | 'returnProbe'
  | 'probeSucceeded'
  | 'probeFailed'
  | 'recover'
  | 'reopen'
  | 'override'
  | 'release';

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

/** Reopenings are forgotten when the last recovery is older than this. */
const REOPENINGS_KEPT_MS = 30_000;
/** Share of the open period, to each side: keeps many circuits from probing in step. */
const OPEN_JITTER = 0.1;

/** Races with every other first failure: one opens the streak, the others learn of it. */
export function openStreak(seen: ClosedCircuit, cause: string, by: Writer): Write {
  const unchanged: Condition =
    seen.streakStartedAt === undefined
      ? { attribute: 'streakFailures', is: 'absent' }
      : same('streakStartedAt', seen.streakStartedAt);
  const streak = { streakId: seen.streakId + 1, streakFailures: 1, streakStartedAt: by.nowMs };
  const next = { ...without(seen, OVERRIDE), ...stamp(`failing: ${cause}`, by), ...streak };
  return replace('openStreak', seen, next, [same('streakId', seen.streakId), unchanged]);
}

/**
 * Races with its own kind, and is the only write that adds to what it finds rather than to what was
 * seen: of 50 failures at once each that still has room below the threshold is counted, and the
 * rest are refused and learn that it is time to trip.
 */
export function countFailure(seen: ClosedCircuit, by: Writer): Write {
  return {
    operation: 'countFailure',
    conditions: [
      same('generation', seen.generation),
      same('state', seen.state),
      same('streakId', seen.streakId),
      { attribute: 'streakFailures', is: 'below', value: by.rules.failureThreshold - 1 },
    ],
    set: { updatedBy: by.id, updatedAt: by.nowMs },
    increment: 'streakFailures',
    remove: [],
  };
}

/** Races with other trips (one wins) and with a success that clears the streak (either may win). */
export function trip(seen: ClosedCircuit, cause: string, by: Writer): Write {
  const threshold = by.rules.failureThreshold;
  const forgotten = by.nowMs - (seen.closedAt ?? 0) > REOPENINGS_KEPT_MS;
  const next = open(seen, forgotten ? 0 : seen.reopenings, `${threshold} x ${cause}`, by);
  const conditions = [same('streakId', seen.streakId)];
  // With a threshold of 1 there is no streak to look at: the first failure trips.
  if (threshold > 1)
    conditions.push({ attribute: 'streakFailures', is: 'atLeast', value: threshold - 1 });
  return replace('trip', seen, next, conditions);
}

/** Races with failures of the same streak: those that come later find it cleared. */
export function clearStreak(seen: ClosedCircuit, by: Writer): Write {
  const next = { ...without(seen, [...OVERRIDE, ...STREAK]), ...stamp('succeeded again', by) };
  return replace('clearStreak', seen, next, [same('streakId', seen.streakId)]);
}

/**
 * Races with every instance whose open period is over: exactly one is applied. Where the claimer's
 * clock is behind the stored time its own patience counts (view.ts), so it compares with the time
 * that it saw: a hand that has moved `openUntil` since is still obeyed.
 */
export function claimProbe(seen: OpenCircuit, by: Writer): Write {
  const over = Math.max(by.nowMs, seen.openUntil);
  return replace('claimProbe', seen, firstProbe(seen, 'the open period is over', by), [
    { attribute: 'openUntil', is: 'atMost', value: over },
  ]);
}

/** After a probe that did not decide: any instance makes the next one, and one at a time does. */
export function nextProbe(seen: HalfOpenCircuit, by: Writer): Write {
  const next = {
    ...without(seen, OVERRIDE),
    ...stamp('another probe is needed', by),
    ...probeUnderWay(seen.probesIssued + 1, by),
  };
  return replace('nextProbe', seen, next, [
    { attribute: 'probeOwner', is: 'absent' },
    same('probesIssued', seen.probesIssued),
  ]);
}

/**
 * When a prober has died. The new generation makes whatever it may still report inert.
 *
 *   claim |--- call timeout ---|-- 1 s --| lease over: the next caller takes over
 *                              a live prober has reported by here
 */
export function takeOverProbe(seen: HalfOpenCircuit, by: Writer): Write {
  const over = Math.max(by.nowMs, seen.probeLeaseUntil ?? 0);
  return replace('takeOverProbe', seen, firstProbe(seen, 'the prober did not report', by), [
    { attribute: 'probeLeaseUntil', is: 'atMost', value: over },
  ]);
}

/** A probe's report that decides nothing yet. Fits only the probe under way, by its owner's id. */
export function reportProbe(
  operation: 'returnProbe' | 'probeSucceeded' | 'probeFailed',
  seen: HalfOpenCircuit,
  by: Writer,
): Write {
  const counters = {
    probesIssued: seen.probesIssued - (operation === 'returnProbe' ? 1 : 0),
    probesOk: seen.probesOk + (operation === 'probeSucceeded' ? 1 : 0),
    probesFailed: seen.probesFailed + (operation === 'probeFailed' ? 1 : 0),
  };
  const next = { ...without(seen, [...OVERRIDE, ...PROBE]), ...stamp(operation, by), ...counters };
  return replace(operation, seen, next, sameProbe(seen));
}

export function recover(seen: HalfOpenCircuit, by: Writer): Write {
  const next: ClosedCircuit = {
    ...transition(seen, 'the probe succeeded', by),
    state: 'CLOSED',
    closedAt: by.nowMs,
  };
  return replace('recover', seen, next, sameProbe(seen));
}

export function reopen(seen: HalfOpenCircuit, cause: string, by: Writer): Write {
  const next = open(seen, seen.reopenings + 1, `the probe failed: ${cause}`, by);
  return replace('reopen', seen, next, sameProbe(seen));
}

/**
 * An operator's word, on whatever the circuit is; none: the last word is taken back and the state
 * beneath goes on. `untilMs` absent: until released.
 */
export function override(
  seen: Circuit,
  word: { override: Circuit['override']; untilMs?: number | undefined; reason: string },
  by: Writer,
): Write {
  const next = {
    ...without(seen, [...OVERRIDE, ...STREAK]),
    ...stamp(word.reason, by),
    generation: seen.generation + 1,
    ...(word.override && { override: word.override }),
    ...(word.untilMs !== undefined && { overrideUntil: word.untilMs }),
  };
  return replace(word.override ? 'override' : 'release', seen, next, []);
}

/**
 * Writes over an item that cannot be understood, whatever it holds: the operator's way out. The
 * epoch in milliseconds is a generation beyond any that was ever counted, so every view accepts it.
 */
export function repair(write: Write, by: Writer): Write {
  return { ...write, conditions: [], set: { ...write.set, generation: by.nowMs } };
}

const OVERRIDE = ['override', 'overrideUntil'] as const;
const STREAK = ['streakFailures', 'streakStartedAt'] as const;
const PROBE = ['probeOwner', 'probeLeaseUntil'] as const;

function replace(
  operation: Operation,
  seen: Circuit,
  next: Circuit,
  conditions: readonly Condition[],
): Write {
  const asSeen = [same('generation', seen.generation), same('state', seen.state), sameWord(seen)];
  return {
    operation,
    conditions:
      seen === NEVER_WRITTEN
        ? [{ attribute: 'generation', is: 'absent' }]
        : [...asSeen, ...conditions],
    set: { ...next },
    remove: OPTIONAL_ATTRIBUTES.filter((attribute) => !(attribute in next)),
  };
}

function open(seen: Circuit, reopenings: number, reason: string, by: Writer): OpenCircuit {
  const planned = Math.min(by.rules.openMs * 2 ** reopenings, by.rules.maxOpenMs);
  const openDurationMs = Math.round(planned * (1 + OPEN_JITTER * (2 * by.random - 1)));
  const openUntil = by.nowMs + openDurationMs;
  return { ...transition(seen, reason, by), state: 'OPEN', reopenings, openDurationMs, openUntil };
}

function firstProbe(seen: Circuit, reason: string, by: Writer): HalfOpenCircuit {
  const counters = { ...probeUnderWay(1, by), probesOk: 0, probesFailed: 0 };
  return { ...transition(seen, reason, by), state: 'HALF_OPEN', ...counters };
}

function probeUnderWay(probesIssued: number, by: Writer) {
  return { probesIssued, probeOwner: by.probeId, probeLeaseUntil: by.nowMs + by.rules.leaseMs };
}

/** What every transition carries over; everything else of the old state is left behind. */
function transition(seen: Circuit, reason: string, by: Writer) {
  return {
    schemaVersion: SCHEMA_VERSION,
    generation: seen.generation + 1,
    streakId: seen.streakId,
    reopenings: seen.reopenings,
    ...(seen.closedAt !== undefined && { closedAt: seen.closedAt }),
    ...stamp(reason, by),
  } as const;
}

function stamp(reason: string, by: Writer) {
  return { reason, updatedBy: by.id, updatedAt: by.nowMs };
}

function without<T extends Circuit>(circuit: T, attributes: readonly Attribute[]): T {
  const rest = Object.entries(circuit).filter(([name]) => !attributes.includes(name as Attribute));
  return Object.fromEntries(rest) as unknown as T;
}

function same(attribute: Attribute, value: string | number): Condition {
  return { attribute, is: 'equal', value };
}

/** No override, or the very one that was seen to have run out. */
function sameWord(seen: Circuit): Condition {
  if (seen.override === undefined) return { attribute: 'override', is: 'absent' };
  return seen.overrideUntil === undefined
    ? same('override', seen.override)
    : same('overrideUntil', seen.overrideUntil);
}

function sameProbe(seen: HalfOpenCircuit): Condition[] {
  return [same('probeOwner', seen.probeOwner ?? '')];
}
