/**
 * Every decision of the protocol, pure: whether a call is let through, and which write its outcome
 * leads to. An instance decides from its view of the circuit; if that was not the latest, the
 * write's conditions (writes.ts) refuse it and the instance decides again from what it is shown.
 */
import type { Circuit, ClosedCircuit, HalfOpenCircuit } from './state.ts';
import { overrideInForce } from './state.ts';
import type { Write, Writer } from './writes.ts';
import * as writes from './writes.ts';

/**
 * The longest that a call may run without having met a streak that began meanwhile: a call that ran
 * longer speaks about the time after the streak began even if it was admitted before.
 */
export const DARK_MS = 250;

/** The circuit as it was when a call was let through: closed, or half-open for this call to probe. */
export type Ticket = ClosedCircuit | HalfOpenCircuit;

/** Of `claim` a probe comes, for whoever gets it applied. Without a ticket a call counts as nothing. */
export type Admission =
  | { readonly kind: 'admit'; readonly ticket: Ticket | undefined }
  | { readonly kind: 'refuse'; readonly retryAfterMs: number }
  | { readonly kind: 'claim'; readonly write: Write };

export type Verdict = 'success' | 'failure' | 'ignored';

/** `cause`: a few words for people, kept in the item. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly ranMs: number;
  readonly cause: string;
}

/** `waitUntilMs`: when this instance takes an open period or a lease to be over (view.ts). */
export function admit(circuit: Circuit, waitUntilMs: number, by: Writer): Admission {
  const refuse = (untilMs: number): Admission => ({
    kind: 'refuse',
    retryAfterMs: Math.max(0, untilMs - by.nowMs),
  });
  const override = overrideInForce(circuit, by.nowMs);
  if (override === 'FORCED_CLOSED') return { kind: 'admit', ticket: undefined };
  if (override) return refuse(circuit.overrideUntil ?? by.nowMs + by.openMs);
  if (circuit.state === 'CLOSED') return { kind: 'admit', ticket: circuit };
  if (by.nowMs < waitUntilMs) return refuse(waitUntilMs);
  if (circuit.state === 'OPEN') return { kind: 'claim', write: writes.claimProbe(circuit, by) };
  const claim = circuit.probeOwner === undefined ? writes.nextProbe : writes.takeOverProbe;
  return { kind: 'claim', write: claim(circuit, by) };
}

/** What the outcome of a call writes to the circuit as it is by now, if anything. */
export function report(
  circuit: Circuit,
  ticket: Ticket,
  outcome: Outcome,
  by: Writer,
): Write | undefined {
  // Nobody else changes what a probe was admitted to, and a late read may show what was before that.
  const isProbe = ticket.state === 'HALF_OPEN';
  if (isProbe && circuit.generation <= ticket.generation) return probeWrite(ticket, outcome, by);
  if (circuit.state !== 'CLOSED' || circuit.generation !== ticket.generation) return undefined;
  return countedWrite(circuit, ticket, outcome, by);
}

/**
 * A counted call speaks only if it is a fair sample of the time after the streak began. Otherwise
 * the failures of calls that were already under way when the first one failed would trip a circuit
 * that merely hiccuped; and the successes among them, had they a say, would clear the streak of a
 * downstream that has just died.
 */
function countedWrite(circuit: ClosedCircuit, ticket: Ticket, outcome: Outcome, by: Writer) {
  const { verdict, ranMs, cause } = outcome;
  if (verdict === 'ignored' || overrideInForce(circuit, by.nowMs)) return undefined;
  const { streakId, streakFailures = 0 } = circuit;
  const isFairSample = ticket.streakId === streakId || ranMs > DARK_MS;
  const hasStreak = hasLiveStreak(circuit, by);
  if (verdict === 'success')
    return hasStreak && isFairSample ? writes.clearStreak(circuit, by) : undefined;
  if (by.failureThreshold === 1) return writes.trip(circuit, cause, by);
  if (!hasStreak) return writes.openStreak(circuit, cause, by);
  if (!isFairSample) return undefined;
  return streakFailures < by.failureThreshold - 1
    ? writes.countFailure(circuit, by)
    : writes.trip(circuit, cause, by);
}

/** An ignored outcome gives the probe back for another to make. */
function probeWrite(circuit: HalfOpenCircuit, { verdict, cause }: Outcome, by: Writer): Write {
  const { max, need } = by.probes;
  if (verdict === 'ignored') return writes.reportProbe('probesIssued', circuit, by);
  if (verdict === 'success')
    return circuit.probesOk + 1 >= need
      ? writes.recover(circuit, by)
      : writes.reportProbe('probesOk', circuit, by);
  return circuit.probesFailed + 1 > max - need
    ? writes.reopen(circuit, cause, by)
    : writes.reportProbe('probesFailed', circuit, by);
}

/** A streak older than the window is none. The distance, because clocks may differ both ways. */
export function hasLiveStreak(circuit: Circuit, by: Writer): boolean {
  if (circuit.state !== 'CLOSED' || circuit.streakFailures === undefined) return false;
  return Math.abs(by.nowMs - (circuit.streakStartedAt ?? 0)) < by.streakWindowMs;
}
