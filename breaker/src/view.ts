/**
 * An instance's copy of the shared state, and how long it may be used without looking again. Pure.
 */
import { type Circuit, isOlder, NEVER_WRITTEN, overrideInForce } from './state.ts';

export interface View {
  readonly circuit: Circuit;
  /** When it was last seen to be so. */
  readonly seenAtMs: number;
  /** When this instance takes the open period or the probe's lease to be over. */
  readonly waitUntilMs: number;
}

export const NOTHING_SEEN: View = {
  circuit: NEVER_WRITTEN,
  seenAtMs: -Infinity,
  waitUntilMs: -Infinity,
};

/** What a view may be used for without a read, at most. */
const OPEN_REFRESH_MS = 5_000;
const HALF_OPEN_REFRESH_MS = 20;
/** A view younger than this is as good as one just read: for a claim, and for a report. */
const FRESH_MS = 5;
const REPORT_FRESH_MS = 20;
/** No Lambda instance runs longer, whatever lease a hand has written. */
const MAX_LEASE_MS = 900_000;
/** Spread of the instances that claim a probe at the end of one open period. */
const MAX_CLAIM_JITTER_MS = 250;

/**
 * The view after `circuit` was seen. A view never goes back: an older version is ignored, as an
 * eventually consistent read may show one.
 *
 * Clocks are not trusted. The writer states both a time and a duration, and this instance knows
 * when it saw the change (at `nowMs`, for the first time) and when it had not happened yet (the
 * previous view). So the wait ends no later than the duration from first sight, and no earlier than
 * the duration from the last look that did not show it.
 */
export function see(view: View, circuit: Circuit, nowMs: number, random: number): View {
  if (isOlder(circuit, view.circuit)) return view;
  const wait = waitOf(circuit);
  const known = waitOf(view.circuit);
  if (wait.untilMs === known.untilMs && nowMs >= view.seenAtMs)
    return { ...view, circuit, seenAtMs: nowMs };
  const latest = nowMs + wait.durationMs;
  // In one generation an open period only ends otherwise by hand, but a lease with the next probe.
  const isNews = circuit.generation > view.circuit.generation || circuit.state === 'HALF_OPEN';
  const earliest = isNews ? Math.min(view.seenAtMs + wait.durationMs, latest) : -Infinity;
  const jitterMs = random * Math.min(MAX_CLAIM_JITTER_MS, wait.durationMs / 10);
  const waitUntilMs = Math.min(Math.max(wait.untilMs, earliest), latest) + jitterMs;
  return { circuit, seenAtMs: nowMs, waitUntilMs };
}

/** Whether a call must read first. `ttlMs`: how long a closed view serves. */
export function isStale(view: View, nowMs: number, ttlMs: number): boolean {
  const ageMs = nowMs - view.seenAtMs;
  // An instance that was frozen, or whose clock was set, knows nothing.
  if (ageMs < 0) return true;
  const { circuit } = view;
  if (overrideInForce(circuit, nowMs)) return ageMs >= OPEN_REFRESH_MS;
  if (circuit.state === 'CLOSED') return ageMs >= ttlMs;
  const isDue = nowMs >= view.waitUntilMs;
  if (isDue) return ageMs > FRESH_MS;
  if (circuit.state === 'OPEN') return ageMs >= OPEN_REFRESH_MS;
  return ageMs >= Math.max(ttlMs, HALF_OPEN_REFRESH_MS);
}

/** Whether a call that has just ended may report without reading first: it was read for this call. */
export function isFresh(view: View, nowMs: number): boolean {
  const ageMs = nowMs - view.seenAtMs;
  return ageMs >= 0 && ageMs <= REPORT_FRESH_MS;
}

function waitOf(circuit: Circuit): { untilMs: number; durationMs: number } {
  if (circuit.state === 'OPEN')
    return { untilMs: circuit.openUntil, durationMs: circuit.openDurationMs };
  if (circuit.state === 'HALF_OPEN' && circuit.probeLeaseUntil !== undefined) {
    // Both by the same writer's clock: exact, whatever that clock says.
    const leaseMs = Math.max(0, circuit.probeLeaseUntil - circuit.updatedAt);
    return { untilMs: circuit.probeLeaseUntil, durationMs: Math.min(leaseMs, MAX_LEASE_MS) };
  }
  return { untilMs: -Infinity, durationMs: 0 };
}
