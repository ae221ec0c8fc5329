import { type Circuit, isOlder, NEVER_WRITTEN, overrideInForce } from './state.ts';

/** An instance's copy of the shared state. */
export interface View {
  readonly circuit: Circuit;
  /** When it was last seen to be so. */
  readonly seenAtMs: number;
  /** When this instance takes the open period or the probe's lease to be over. */
  readonly waitUntilMs: number;
}

const NEVER = { seenAtMs: -Infinity, waitUntilMs: -Infinity };
export const NOTHING_SEEN: View = { circuit: NEVER_WRITTEN, ...NEVER };

/** How long a view serves that an operator, or the end of a wait, may outdate. */
const OPEN_REFRESH_MS = 5_000;
const HALF_OPEN_REFRESH_MS = 20;
const DUE_REFRESH_MS = 6;
/** No Lambda instance runs longer, whatever lease a hand has written. */
const MAX_LEASE_MS = 900_000;
/** Spread of the instances that claim a probe at the end of one open period. */
const MAX_CLAIM_JITTER_MS = 250;

/** A view never goes back. Its wait is bounded from both sides, for clocks err: docs/adr/0004. */
export function see(view: View, circuit: Circuit, nowMs: number, random: number): View {
  if (isOlder(circuit, view.circuit)) return view;
  const { untilMs, durationMs } = waitOf(circuit);
  const latest = nowMs + durationMs;
  if (untilMs === waitOf(view.circuit).untilMs && view.waitUntilMs <= latest + MAX_CLAIM_JITTER_MS)
    return { ...view, circuit, seenAtMs: nowMs };
  // Within a generation an open period changes only by hand, but a lease with every probe.
  const isNews = circuit.generation > view.circuit.generation || circuit.state === 'HALF_OPEN';
  const earliest = isNews ? view.seenAtMs + durationMs : -Infinity;
  const jitterMs = random * Math.min(MAX_CLAIM_JITTER_MS, durationMs / 10);
  const waitUntilMs = Math.min(Math.max(untilMs, earliest), latest) + jitterMs;
  return { circuit, seenAtMs: nowMs, waitUntilMs };
}

/** From the future (the clock was set, or the instance frozen) it is worth nothing. */
export function ageOf({ seenAtMs }: View, nowMs: number): number {
  return nowMs < seenAtMs ? Infinity : nowMs - seenAtMs;
}

/** How long it serves without a read. `ttlMs`: one of a closed circuit. */
export function servesMs({ circuit, waitUntilMs }: View, nowMs: number, ttlMs: number): number {
  if (overrideInForce(circuit, nowMs)) return OPEN_REFRESH_MS;
  if (circuit.state === 'CLOSED') return ttlMs;
  if (nowMs >= waitUntilMs) return DUE_REFRESH_MS;
  return circuit.state === 'OPEN' ? OPEN_REFRESH_MS : Math.max(ttlMs, HALF_OPEN_REFRESH_MS);
}

function waitOf(circuit: Circuit): { untilMs: number; durationMs: number } {
  if (circuit.state === 'OPEN')
    return { untilMs: circuit.openUntil, durationMs: circuit.openDurationMs };
  if (circuit.state !== 'HALF_OPEN' || circuit.probeLeaseUntil === undefined)
    return { untilMs: -Infinity, durationMs: 0 };
  const leaseMs = circuit.probeLeaseUntil - circuit.updatedAt;
  return { untilMs: circuit.probeLeaseUntil, durationMs: Math.min(leaseMs, MAX_LEASE_MS) };
}
