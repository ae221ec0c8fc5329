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

/** What a call was admitted as; its outcome is reported against this. */
export type Ticket = CountedTicket | ProbeTicket | { readonly kind: 'uncounted' };

export interface CountedTicket {
  readonly kind: 'counted';
  readonly generation: number;
  /** The streak that the view showed at admission, if one was open. */
  readonly streakId: number | undefined;
}

export interface ProbeTicket {
  readonly kind: 'probe';
  /** As it was written when the probe was claimed. */
  readonly circuit: HalfOpenCircuit;
}

export type Admission =
  | { readonly kind: 'admit'; readonly ticket: Ticket }
  | { readonly kind: 'refuse'; readonly retryAfterMs: number }
  /** The call may be made, as a probe, by whoever gets this write applied. */
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
  if (override === 'FORCED_CLOSED') return { kind: 'admit', ticket: { kind: 'uncounted' } };
  if (override === 'FORCED_OPEN')
    return refuse(circuit.overrideUntil ?? by.nowMs + by.rules.openMs);
  switch (circuit.state) {
    case 'CLOSED':
      return { kind: 'admit', ticket: countedTicket(circuit, by) };
    case 'OPEN':
      if (by.nowMs < waitUntilMs) return refuse(waitUntilMs);
      return { kind: 'claim', write: writes.claimProbe(circuit, by) };
    case 'HALF_OPEN':
      if (by.nowMs < waitUntilMs) return refuse(waitUntilMs);
      return circuit.probeOwner === undefined
        ? { kind: 'claim', write: writes.nextProbe(circuit, by) }
        : { kind: 'claim', write: writes.takeOverProbe(circuit, by) };
  }
}

/**
 * What the outcome of a counted call writes, if anything. It speaks only if the call is a fair
 * sample of the time after the streak began. Otherwise the failures of calls that were already
 * under way when the first one failed would trip a circuit that merely hiccuped; and the successes
 * among them, had they a say, would clear the streak of a downstream that has just died.
 */
export function countedWrite(
  circuit: Circuit,
  ticket: CountedTicket,
  outcome: Outcome,
  by: Writer,
): Write | undefined {
  if (circuit.state !== 'CLOSED' || circuit.generation !== ticket.generation) return undefined;
  if (outcome.verdict === 'ignored' || overrideInForce(circuit, by.nowMs)) return undefined;
  const streak = hasLiveStreak(circuit, by);
  const isFairSample = ticket.streakId === circuit.streakId || outcome.ranMs > DARK_MS;
  if (outcome.verdict === 'success')
    return streak && isFairSample ? writes.clearStreak(circuit, by) : undefined;
  if (by.rules.failureThreshold === 1) return writes.trip(circuit, outcome.cause, by);
  if (!streak) return writes.openStreak(circuit, outcome.cause, by);
  if (!isFairSample) return undefined;
  return (circuit.streakFailures ?? 0) < by.rules.failureThreshold - 1
    ? writes.countFailure(circuit, by)
    : writes.trip(circuit, outcome.cause, by);
}

/** What the outcome of a probe writes. An ignored one gives the probe back for another to make. */
export function probeWrite({ circuit }: ProbeTicket, outcome: Outcome, by: Writer): Write {
  const { max, need } = by.rules.probes;
  switch (outcome.verdict) {
    case 'ignored':
      return writes.reportProbe('probesIssued', circuit, by);
    case 'success':
      return circuit.probesOk + 1 >= need
        ? writes.recover(circuit, by)
        : writes.reportProbe('probesOk', circuit, by);
    case 'failure':
      return circuit.probesFailed + 1 > max - need
        ? writes.reopen(circuit, outcome.cause, by)
        : writes.reportProbe('probesFailed', circuit, by);
  }
}

/** Whether a write may be repeated when its outcome is unknown: a counter must not count twice. */
export function isRepeatable(write: Write): boolean {
  return write.operation !== 'openStreak' && write.operation !== 'countFailure';
}

/** A streak older than the window is none. The distance, because clocks may differ both ways. */
export function hasLiveStreak(circuit: ClosedCircuit, by: Writer): boolean {
  const { streakFailures, streakStartedAt = 0 } = circuit;
  const ageMs = Math.abs(by.nowMs - streakStartedAt);
  return streakFailures !== undefined && ageMs < by.rules.streakWindowMs;
}

function countedTicket(circuit: ClosedCircuit, by: Writer): CountedTicket {
  const streakId = hasLiveStreak(circuit, by) ? circuit.streakId : undefined;
  return { kind: 'counted', generation: circuit.generation, streakId };
}
