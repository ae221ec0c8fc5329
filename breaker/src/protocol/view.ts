/** An instance's view: its copy of the circuit, and how far to trust it. */
import { ABSENT_CIRCUIT, type Circuit, isOlder, overrideInForce } from './circuit.ts';

export interface View {
  readonly circuit: Circuit;
  /** When the circuit was last known to be so; -Infinity if it never was. */
  readonly observedAtMs: number;
  /**
   * When this instance takes the open period, the probe's lease or the slow return to be over;
   * -Infinity if there is nothing to wait for.
   */
  readonly waitUntilMs: number;
  /** Varies how long views serve, so that those of a fleet do not expire in step. */
  readonly maxAgeFactor: number;
}

/** What an observation depends on besides the circuit. */
export interface Observation {
  readonly nowMs: number;
  /** When the circuit was asked for, if not just now: it may have changed since then. */
  readonly askedAtMs?: number;
  /** A number in [0, 1), for jitter. */
  readonly random: number;
  /** The longest open period that this instance would make. */
  readonly maxOpenMs: number;
  /** How long this instance holds calls back after a recovery. */
  readonly rampMs: number;
}

/** The view of an instance that has not read its circuit yet. */
export const UNOBSERVED: View = Object.freeze({
  circuit: ABSENT_CIRCUIT,
  observedAtMs: -Infinity,
  waitUntilMs: -Infinity,
  maxAgeFactor: 1,
});

/** How soon an operator is heard by an instance that does not need to read. */
const OPEN_MAX_AGE_MS = 5_000;
/** A half-open circuit changes with the probe, which takes one call. */
const HALF_OPEN_MAX_AGE_MS = 20;
/** At the end of a wait the instance looks once more before it acts. */
const DUE_MAX_AGE_MS = 6;
/** No Lambda invocation is longer, whatever lease was edited into the item. */
const MAX_LEASE_MS = 900_000;
/** An open period is never longer than its configured maximum and this share of it. */
const MAX_OPEN_JITTER = 0.1;
/** Share of their age by which views vary, to either side. */
const AGE_SPREAD = 0.2;
/** Instances claim a probe spread over this time after the open period. */
const MAX_CLAIM_SPREAD_MS = 250;

/**
 * The view after `circuit` was observed. A view never goes back: an older version than the known
 * one changes nothing.
 */
export function observe(view: View, circuit: Circuit, at: Observation): View {
  if (isOlder(circuit, view.circuit)) return view;
  const waitUntilMs = isSameWait(view, circuit, at)
    ? view.waitUntilMs
    : newWaitUntilMs(view, circuit, at);
  const maxAgeFactor = 1 + AGE_SPREAD * (2 * at.random - 1);
  const observedAtMs = at.askedAtMs ?? at.nowMs;
  return { circuit, observedAtMs, waitUntilMs, maxAgeFactor };
}

/**
 * The age of a view in milliseconds. A view dated in the future (the clock was
 * set back) counts as infinitely old, and so does one never observed.
 */
export function ageOf(view: View, nowMs: number): number {
  if (nowMs < view.observedAtMs) return Infinity;
  return nowMs - view.observedAtMs;
}

/**
 * How old a view may be and still serve without a read. `closedMaxAgeMs` is the
 * configured `viewTtlMs` of a closed circuit.
 */
export function maxAgeMs(view: View, nowMs: number, closedMaxAgeMs: number): number {
  const { circuit, waitUntilMs } = view;
  if (overrideInForce(circuit, nowMs)) return OPEN_MAX_AGE_MS;
  if (circuit.state === 'CLOSED') return closedMaxAgeMs * view.maxAgeFactor;
  if (nowMs >= waitUntilMs) return DUE_MAX_AGE_MS;
  if (circuit.state === 'OPEN') return OPEN_MAX_AGE_MS;
  return Math.max(closedMaxAgeMs, HALF_OPEN_MAX_AGE_MS);
}

/**
 * Whether the item states the wait that this instance already keeps. A wait
 * that would now last longer than its own duration is one that a clock set back
 * has stretched; it begins anew.
 */
function isSameWait(view: View, circuit: Circuit, at: Observation): boolean {
  const known = waitOf(view.circuit, at);
  const { untilMs, durationMs } = waitOf(circuit, at);
  const latestMs = at.nowMs + durationMs + MAX_CLAIM_SPREAD_MS;
  return untilMs === known.untilMs && view.waitUntilMs <= latestMs;
}

/**
 * The end of a wait that this instance sees for the first time. The item states
 * it on the writer's clock, which may be wrong, and so may be ours. The duration
 * bounds it from both sides:
 *
 *     last look without it        first look with it
 *     |                           |
 *     +---- duration ----> earliest    +---- duration ----> latest
 *
 * The wait began between the two looks, so it ends between `earliest` and
 * `latest`, and `untilMs` is believed within these bounds (docs/adr/0004). A look
 * begins with its question and ends with its answer: `earliest` counts from the
 * question of the last one, and `latest` from the answer to the first.
 */
function newWaitUntilMs(view: View, circuit: Circuit, at: Observation): number {
  const { untilMs, durationMs } = waitOf(circuit, at);
  const latestMs = at.nowMs + durationMs;
  const earliestMs = isNews(view, circuit) ? view.observedAtMs + durationMs : -Infinity;
  const believedMs = Math.min(Math.max(untilMs, earliestMs), latestMs);
  const spreadMs = circuit.state === 'CLOSED' ? 0 : claimSpreadMs(durationMs);
  return believedMs + at.random * spreadMs;
}

/**
 * Whether the wait began after the last look. Within a generation every probe
 * has a new lease, but an open period moves only when it is edited manually,
 * and then the editor is obeyed.
 */
function isNews(view: View, circuit: Circuit): boolean {
  if (circuit.state === 'HALF_OPEN') return true;
  return circuit.generation > view.circuit.generation;
}

function claimSpreadMs(durationMs: number): number {
  return Math.min(MAX_CLAIM_SPREAD_MS, durationMs / 10);
}

interface Wait {
  readonly untilMs: number;
  readonly durationMs: number;
}

const NO_WAIT: Wait = { untilMs: -Infinity, durationMs: 0 };

/**
 * What the item makes its readers wait for: the open period, a lease or the end of the slow return.
 * None is believed to be
 * longer than any instance would make it, for a number that was edited manually must not stop the
 * calls for ever.
 */
function waitOf(circuit: Circuit, { maxOpenMs, rampMs }: Observation): Wait {
  switch (circuit.state) {
    case 'CLOSED':
      if (circuit.closedAtMs === undefined || rampMs === 0) return NO_WAIT;
      return { untilMs: circuit.closedAtMs + rampMs, durationMs: rampMs };
    case 'OPEN': {
      const longestMs = maxOpenMs * (1 + MAX_OPEN_JITTER);
      const durationMs = Math.min(circuit.openDurationMs, longestMs);
      return { untilMs: circuit.openUntilMs, durationMs };
    }
    case 'HALF_OPEN': {
      if (circuit.probeLeaseUntilMs === undefined) return NO_WAIT;
      const leaseMs = circuit.probeLeaseUntilMs - circuit.updatedAtMs;
      const durationMs = Math.min(leaseMs, MAX_LEASE_MS);
      return { untilMs: circuit.probeLeaseUntilMs, durationMs };
    }
  }
}
