/** What the result of a call writes to the circuit, if anything. */
import type { Permit } from './admit.ts';
import {
  type Circuit,
  type ClosedCircuit,
  type HalfOpenCircuit,
  overrideInForce,
} from './circuit.ts';
import type { Write } from './conditional-write.ts';
import type { DecisionContext } from './context.ts';
import {
  clearStreak,
  countFailure,
  openStreak,
  recover,
  reopen,
  reportProbe,
  trip,
} from './writes.ts';

/**
 * A call that ran longer than this may have overlapped a streak that began after
 * the call was admitted.
 */
export const FAIR_SAMPLE_MS = 250;

/** What a call's result says of the downstream's health. */
export type Verdict = 'success' | 'failure' | 'ignored';

export interface FinishedCall {
  readonly verdict: Verdict;
  readonly ranMs: number;
  /** A few words for people, kept in the item: "HTTP 503", "TimeoutError". */
  readonly cause: string;
  /** How long the downstream asked not to be called, if it did. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * The write that the call's result makes on `current`, the circuit as it is
 * known by now. If that was not the latest, the write's conditions refuse it.
 */
export function settle(
  current: Circuit,
  permit: Permit,
  call: FinishedCall,
  ctx: DecisionContext,
): Write | undefined {
  switch (permit.kind) {
    case 'uncounted':
      return undefined;
    case 'counted':
      return settleCounted(current, permit.circuit, call, ctx);
    case 'probe':
      return settleProbe(current, permit.circuit, call, ctx);
  }
}

/** Whether a streak is open that is not older than the streak window. */
export function hasLiveStreak(circuit: Circuit, nowMs: number, windowMs: number): boolean {
  if (circuit.state !== 'CLOSED') return false;
  if (circuit.streakStartedAtMs === undefined) return false;
  // The distance counts, because the writer's clock may be ahead of ours.
  return Math.abs(nowMs - circuit.streakStartedAtMs) < windowMs;
}

function settleCounted(
  current: Circuit,
  admittedTo: ClosedCircuit,
  call: FinishedCall,
  ctx: DecisionContext,
): Write | undefined {
  if (current.state !== 'CLOSED') return undefined;
  // A result of an earlier generation is inert.
  if (current.generation !== admittedTo.generation) return undefined;
  if (overrideInForce(current, ctx.nowMs)) return undefined;
  switch (call.verdict) {
    case 'ignored':
      return undefined;
    case 'success':
      return settleSuccess(current, admittedTo, call, ctx);
    case 'failure':
      return settleFailure(current, admittedTo, call, ctx);
  }
}

/** A success writes nothing, unless there is a streak for it to end. */
function settleSuccess(
  current: ClosedCircuit,
  admittedTo: ClosedCircuit,
  call: FinishedCall,
  ctx: DecisionContext,
): Write | undefined {
  if (!isFailing(current, ctx)) return undefined;
  if (!isFairSample(current, admittedTo, call)) return undefined;
  return clearStreak(current, ctx);
}

/** A failure opens a streak, adds to it, or trips the circuit. */
function settleFailure(
  current: ClosedCircuit,
  admittedTo: ClosedCircuit,
  call: FinishedCall,
  ctx: DecisionContext,
): Write | undefined {
  const { failureThreshold } = ctx.rules;
  if (failureThreshold === 1) return trip(current, call, ctx);
  if (!isFailing(current, ctx)) return openStreak(current, call.cause, ctx);
  if (!isFairSample(current, admittedTo, call)) return undefined;
  const { streakFailures = 0 } = current;
  if (streakFailures < failureThreshold - 1) return countFailure(current, ctx);
  return trip(current, call, ctx);
}

function isFailing(circuit: ClosedCircuit, ctx: DecisionContext): boolean {
  return hasLiveStreak(circuit, ctx.nowMs, ctx.rules.streakWindowMs);
}

/**
 * Whether the call can have met the current streak: it was admitted when the
 * streak was known, or ran long enough to have met it. Only such calls count,
 * failures and successes alike. Otherwise the calls that were under way when a
 * streak began, all ignorant of it, would trip a healthy circuit before the
 * first success could end the streak (docs/adr/0002).
 */
function isFairSample(
  current: ClosedCircuit,
  admittedTo: ClosedCircuit,
  call: FinishedCall,
): boolean {
  if (admittedTo.streakId === current.streakId) return true;
  return call.ranMs > FAIR_SAMPLE_MS;
}

/**
 * A probe decides on what it was admitted to, not on `current`: within its
 * generation nobody else may change that, and a late read may still show the
 * version before it. In a later generation it is inert.
 */
function settleProbe(
  current: Circuit,
  admittedTo: HalfOpenCircuit,
  call: FinishedCall,
  ctx: DecisionContext,
): Write | undefined {
  if (current.generation > admittedTo.generation) return undefined;
  const { max, need } = ctx.rules.probes;
  switch (call.verdict) {
    case 'ignored': {
      // A probe that says nothing is given back, as if never issued.
      const probesIssued = admittedTo.probesIssued - 1;
      return reportProbe(admittedTo, { probesIssued }, ctx);
    }
    case 'success': {
      const probesOk = admittedTo.probesOk + 1;
      if (probesOk >= need) return recover(admittedTo, ctx);
      return reportProbe(admittedTo, { probesOk }, ctx);
    }
    case 'failure': {
      const probesFailed = admittedTo.probesFailed + 1;
      if (probesFailed > max - need) return reopen(admittedTo, call, ctx);
      return reportProbe(admittedTo, { probesFailed }, ctx);
    }
  }
}
