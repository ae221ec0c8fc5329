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

const NEVER = { seenAtMs: -Infinity, waitUntilMs: -Infinity };
export const NOTHING_SEEN: View = { circuit: NEVER_WRITTEN, ...NEVER };

/** A view that an operator or the end of an open period may outdate serves for less than these. */
const OPEN_REFRESH_MS = 5_000;
const HALF_OPEN_REFRESH_MS = 20;
const DUE_REFRESH_MS = 6;
/** A view as old as this was read for the call that has just ended. */
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
  const { untilMs, durationMs } = waitOf(circuit);
  if (untilMs === waitOf(view.circuit).untilMs && nowMs >= view.seenAtMs)
    return { ...view, circuit, seenAtMs: nowMs };
  const latest = nowMs + durationMs;
  // In one generation an open period only ends otherwise by hand, but a lease with the next probe.
  const isNews = circuit.generation > view.circuit.generation || circuit.state === 'HALF_OPEN';
  const earliest = isNews ? Math.min(view.seenAtMs + durationMs, latest) : -Infinity;
  const jitterMs = random * Math.min(MAX_CLAIM_JITTER_MS, durationMs / 10);
  const waitUntilMs = Math.min(Math.max(untilMs, earliest), latest) + jitterMs;
  return { circuit, seenAtMs: nowMs, waitUntilMs };
}

/** Whether a call must read first. `ttlMs`: how long a closed view serves. */
export function isStale(view: View, nowMs: number, ttlMs: number): boolean {
  const ageMs = nowMs - view.seenAtMs;
  // From the future: an instance that was frozen, or whose clock was set, knows nothing.
  return ageMs < 0 || ageMs >= servesMs(view, nowMs, ttlMs);
}

function servesMs({ circuit, waitUntilMs }: View, nowMs: number, ttlMs: number): number {
  if (overrideInForce(circuit, nowMs)) return OPEN_REFRESH_MS;
  if (circuit.state === 'CLOSED') return ttlMs;
  if (nowMs >= waitUntilMs) return DUE_REFRESH_MS;
  return circuit.state === 'OPEN' ? OPEN_REFRESH_MS : Math.max(ttlMs, HALF_OPEN_REFRESH_MS);
}

/** Whether a call that has just ended may report without reading first. */
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
