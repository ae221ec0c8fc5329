/** Every decision of the protocol. If the view was not the latest, the write it leads to is refused. */
import type { Circuit, ClosedCircuit, HalfOpenCircuit } from './state.ts';
import { overrideInForce } from './state.ts';
import type { View } from './view.ts';
import type { Write, Writer } from './writes.ts';
import * as writes from './writes.ts';

/** A call that ran longer has met a streak that began meanwhile, though it was admitted before. */
export const DARK_MS = 250;

/** The circuit that a call was let through by: closed, or half-open for this call to probe. */
export type Ticket = ClosedCircuit | HalfOpenCircuit;

/** A claim makes a probe of the call if it is applied. Without a ticket a call counts as nothing. */
export type Admission =
  | { readonly kind: 'admit'; readonly ticket: Ticket | undefined }
  | { readonly kind: 'refuse'; readonly retryAfterMs: number }
  | { readonly kind: 'claim'; readonly write: Write };

export type Verdict = 'success' | 'failure' | 'ignored';

/** `cause`: a few words for people, kept in the item. */
export type Outcome = { verdict: Verdict; ranMs: number; cause: string };

export function admit({ circuit, waitUntilMs }: View, by: Writer): Admission {
  const refuse = (atMs: number) => ({ kind: 'refuse' as const, retryAfterMs: atMs - by.nowMs });
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
export function report(circuit: Circuit, ticket: Ticket, outcome: Outcome, by: Writer) {
  // In its generation nobody else changes what it was admitted to; a late read may show the one before.
  const isProbe = ticket.state === 'HALF_OPEN';
  if (isProbe && circuit.generation <= ticket.generation) return probeWrite(ticket, outcome, by);
  if (circuit.state !== 'CLOSED' || circuit.generation !== ticket.generation) return undefined;
  return countedWrite(circuit, ticket, outcome, by);
}

/** Only a fair sample of the time since the streak began has a say: docs/adr/0002 tells why. */
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
  if (streakFailures < by.failureThreshold - 1) return writes.countFailure(circuit, by);
  return writes.trip(circuit, cause, by);
}

function probeWrite(seen: HalfOpenCircuit, { verdict, cause }: Outcome, by: Writer): Write {
  const { max, need } = by.probes;
  const probesOk = seen.probesOk + 1;
  const probesFailed = seen.probesFailed + 1;
  if (verdict === 'success')
    return probesOk >= need ? writes.recover(seen, by) : writes.reportProbe(seen, { probesOk }, by);
  // Given back, it was never issued.
  const probesIssued = seen.probesIssued - 1;
  if (verdict === 'ignored') return writes.reportProbe(seen, { probesIssued }, by);
  if (probesFailed > max - need) return writes.reopen(seen, cause, by);
  return writes.reportProbe(seen, { probesFailed }, by);
}

/** A streak older than the window is none. The distance, because clocks may differ both ways. */
export function hasLiveStreak(circuit: Circuit, by: Writer): boolean {
  const startedAtMs = circuit.state === 'CLOSED' ? circuit.streakStartedAt : undefined;
  return Math.abs(by.nowMs - (startedAtMs ?? -Infinity)) < by.streakWindowMs;
}
