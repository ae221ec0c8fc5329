/** An instance's view: its copy of the circuit, and how far to trust it. */
import { ABSENT_CIRCUIT, type Circuit, isOlder, overrideInForce } from './circuit.ts';

export interface View {
  readonly circuit: Circuit;
  /** When the circuit was last known to be so; -Infinity if it never was. */
  readonly observedAtMs: number;
  /**
   * When this instance takes the open period or the probe's lease to be over;
   * -Infinity if there is nothing to wait for.
   */
  readonly waitUntilMs: number;
}

/** The view of an instance that has not read its circuit yet. */
export const UNOBSERVED: View = Object.freeze({
  circuit: ABSENT_CIRCUIT,
  observedAtMs: -Infinity,
  waitUntilMs: -Infinity,
});

/** How soon an operator is heard by an instance that does not need to read. */
const OPEN_MAX_AGE_MS = 5_000;
/** A half-open circuit changes with the probe, which takes one call. */
const HALF_OPEN_MAX_AGE_MS = 20;
/** At the end of a wait the instance looks once more before it acts. */
const DUE_MAX_AGE_MS = 6;
/** No Lambda invocation is longer, whatever lease was edited into the item. */
const MAX_LEASE_MS = 900_000;
/** Instances claim a probe spread over this time after the open period. */
const MAX_CLAIM_SPREAD_MS = 250;

/**
 * The view after `circuit` was observed at `nowMs`. A view never goes back: an
 * older version than the known one changes nothing.
 */
export function observe(view: View, circuit: Circuit, nowMs: number, random: number): View {
  if (isOlder(circuit, view.circuit)) return view;
  const waitUntilMs = isSameWait(view, circuit, nowMs)
    ? view.waitUntilMs
    : newWaitUntilMs(view, circuit, nowMs, random);
  return { circuit, observedAtMs: nowMs, waitUntilMs };
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
  if (circuit.state === 'CLOSED') return closedMaxAgeMs;
  if (nowMs >= waitUntilMs) return DUE_MAX_AGE_MS;
  if (circuit.state === 'OPEN') return OPEN_MAX_AGE_MS;
  return Math.max(closedMaxAgeMs, HALF_OPEN_MAX_AGE_MS);
}

/**
 * Whether the item states the wait that this instance already keeps. A wait
 * that would now last longer than its own duration is one that a clock set back
 * has stretched; it begins anew.
 */
function isSameWait(view: View, circuit: Circuit, nowMs: number): boolean {
  const known = waitOf(view.circuit);
  const { untilMs, durationMs } = waitOf(circuit);
  const latestMs = nowMs + durationMs + MAX_CLAIM_SPREAD_MS;
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
 * `latest`, and `untilMs` is believed within these bounds (docs/adr/0004).
 */
function newWaitUntilMs(view: View, circuit: Circuit, nowMs: number, random: number): number {
  const { untilMs, durationMs } = waitOf(circuit);
  const latestMs = nowMs + durationMs;
  const earliestMs = isNews(view, circuit) ? view.observedAtMs + durationMs : -Infinity;
  const believedMs = Math.min(Math.max(untilMs, earliestMs), latestMs);
  return believedMs + random * claimSpreadMs(durationMs);
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

/** What the item tells its readers to wait for: the open period or a lease. */
function waitOf(circuit: Circuit): Wait {
  switch (circuit.state) {
    case 'CLOSED':
      return NO_WAIT;
    case 'OPEN':
      return {
        untilMs: circuit.openUntilMs,
        durationMs: circuit.openDurationMs,
      };
    case 'HALF_OPEN': {
      if (circuit.probeLeaseUntilMs === undefined) return NO_WAIT;
      const leaseMs = circuit.probeLeaseUntilMs - circuit.updatedAtMs;
      return {
        untilMs: circuit.probeLeaseUntilMs,
        durationMs: Math.min(leaseMs, MAX_LEASE_MS),
      };
    }
  }
}
