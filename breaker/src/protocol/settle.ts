/** What the result of a call writes to the circuit, if anything. */
import type { Permit } from './admit.ts';
import {
  type Circuit,
  type ClosedCircuit,
  type HalfOpenCircuit,
  isAbsent,
  overrideInForce,
} from './circuit.ts';
import type { Write } from './conditional-write.ts';
import type { DecisionContext } from './context.ts';
import { hasLiveStreak, isFairSample, type Sample } from './fair-sample.ts';
import { forgivenBySuccess } from './score.ts';
import { clearStreak, countFailure, countReports, forgive, openStreak } from './streak-writes.ts';
import { recover, reopen, reportProbe, trip } from './writes.ts';

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

/** A finished call, and what its instance knows about calls like it. */
export interface Report extends FinishedCall, Sample {
  /** How many calls it stands for, because it was chosen to report (sampling.ts). */
  readonly calls: number;
  /**
   * Whether it tries to trip the circuit when one failure more is needed for that, because another
   * may have been counted since the circuit was read. If none was, it is counted itself.
   */
  readonly isHasty?: boolean;
}

/**
 * The write that the call's result makes on `current`, the circuit as it is
 * known by now. If that was not the latest, the write's conditions refuse it.
 */
export function settle(
  current: Circuit,
  permit: Permit,
  call: Report,
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

function settleCounted(
  current: Circuit,
  admittedTo: ClosedCircuit,
  call: Report,
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

/** A success writes nothing, unless there is a streak to take from. */
function settleSuccess(
  current: ClosedCircuit,
  admittedTo: ClosedCircuit,
  call: Report,
  ctx: DecisionContext,
): Write | undefined {
  if (!isFailing(current, ctx) || !isFairSample(current, admittedTo, call, ctx)) {
    const isAboutStreak = isFailing(current, ctx) || isFailing(admittedTo, ctx);
    return isAboutStreak ? changeNothing(current, call, ctx) : undefined;
  }
  const { streakScore = 0 } = current;
  if (streakScore <= forgivenBySuccess(ctx.rules)) return clearStreak(current, call, ctx);
  return forgive(current, call, ctx);
}

/** A failure opens a streak, adds to it, or trips the circuit. */
function settleFailure(
  current: ClosedCircuit,
  admittedTo: ClosedCircuit,
  call: Report,
  ctx: DecisionContext,
): Write | undefined {
  const { failureThreshold } = ctx.rules;
  if (failureThreshold === 1) return trip(current, call, ctx);
  if (!isFailing(current, ctx)) return openStreak(current, call, ctx);
  if (!isFairSample(current, admittedTo, call, ctx)) return changeNothing(current, call, ctx);
  const { streakScore = 0 } = current;
  const expectedScore = call.isHasty ? streakScore + 1 : streakScore;
  if (expectedScore < failureThreshold - 1) return countFailure(current, call, ctx);
  return trip(current, call, ctx);
}

/** One of so many results that change nothing is counted, and stands for all of them. */
const COUNTED_ONE_IN = 8;

function changeNothing(
  current: ClosedCircuit,
  { calls }: Report,
  ctx: DecisionContext,
): Write | undefined {
  if (isAbsent(current) || ctx.random * COUNTED_ONE_IN >= 1) return undefined;
  return countReports(current, { calls: COUNTED_ONE_IN * calls }, ctx);
}

function isFailing(circuit: ClosedCircuit, ctx: DecisionContext): boolean {
  return hasLiveStreak(circuit, ctx.nowMs, ctx.rules.streakWindowMs);
}

/**
 * A probe decides on what it was admitted to, not on `current`: within its
 * generation nobody else may change that, and a late read may still show the
 * version before it. In a later generation it is inert.
 */
function settleProbe(
  current: Circuit,
  admittedTo: HalfOpenCircuit,
  call: Report,
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
      if (probesOk >= need) return recover(admittedTo, call, ctx);
      return reportProbe(admittedTo, { probesOk }, ctx);
    }
    case 'failure': {
      const probesFailed = admittedTo.probesFailed + 1;
      if (probesFailed > max - need) return reopen(admittedTo, call, ctx);
      return reportProbe(admittedTo, { probesFailed }, ctx);
    }
  }
}
