/**
 * Admission: may this call go? The view alone decides. How long a claimed probe's lease lasts is in
 * writes.ts (`lease`), and when a reader takes it to be over in view.ts.
 */
import {
  type ClosedCircuit,
  type HalfOpenCircuit,
  type OpenCircuit,
  overrideInForce,
} from './circuit.ts';
import type { Write } from './conditional-write.ts';
import type { DecisionContext } from './context.ts';
import { admittedShare, doublingMs } from './ramp.ts';
import type { View } from './view.ts';
import { claimProbe, nextProbe, takeOverProbe } from './writes.ts';

/** A call's right to run, and the circuit that gave it. */
export type Permit =
  /** The circuit is closed: the result counts for or against the downstream. */
  | { readonly kind: 'counted'; readonly circuit: ClosedCircuit }
  /** The circuit is half-open: the result decides on it. */
  | { readonly kind: 'probe'; readonly circuit: HalfOpenCircuit }
  /** The circuit is forced closed: the result counts for nothing. */
  | { readonly kind: 'uncounted' };

export type Admission =
  | { readonly kind: 'admit'; readonly permit: Permit }
  | Refused
  /** The call becomes the probe if this write is applied. */
  | { readonly kind: 'claim'; readonly write: Write };

interface Refused {
  readonly kind: 'refuse';
  readonly retryAfterMs: number;
  /** Why; undefined if the circuit's own reason says it. */
  readonly reason?: string;
}

export function admit(view: View, ctx: DecisionContext): Admission {
  const { circuit } = view;
  switch (overrideInForce(circuit, ctx.nowMs)) {
    case 'FORCED_CLOSED':
      return { kind: 'admit', permit: { kind: 'uncounted' } };
    case 'FORCED_OPEN':
      return refuseUntil(forcedUntilMs(circuit.overrideUntilMs, ctx), ctx);
  }
  if (circuit.state === 'CLOSED') {
    const share = admittedShare(view, ctx);
    if (ctx.random >= share) return holdBack(share, ctx);
    return { kind: 'admit', permit: { kind: 'counted', circuit } };
  }
  if (ctx.nowMs < view.waitUntilMs) return refuseUntil(view.waitUntilMs, ctx);
  return { kind: 'claim', write: probeClaim(circuit, ctx) };
}

/**
 * The claim of a probe once the wait is over. Many instances may make it from
 * the same view; its conditions let one of them succeed:
 *
 *     OPEN ----------- claimProbe ---> HALF_OPEN, lease running
 *     HALF_OPEN ------ nextProbe ----> the last probe has reported, undecided
 *     HALF_OPEN ------ takeOverProbe-> the prober died: its lease is over
 */
function probeClaim(circuit: OpenCircuit | HalfOpenCircuit, ctx: DecisionContext): Write {
  if (circuit.state === 'OPEN') return claimProbe(circuit, ctx);
  if (circuit.probeOwner === undefined) return nextProbe(circuit, ctx);
  return takeOverProbe(circuit, ctx);
}

/** An override without an end is looked at again within one open period. */
function forcedUntilMs(untilMs: number | undefined, ctx: DecisionContext): number {
  return untilMs ?? ctx.nowMs + ctx.rules.openMs;
}

/** The circuit is closed, but the downstream gets its calls back little by little. */
function holdBack(share: number, { rules }: DecisionContext): Admission {
  const reason = `recovering: ${Math.ceil(100 * share)} % of the calls are admitted`;
  return { kind: 'refuse', retryAfterMs: doublingMs(rules.rampMs), reason };
}

/** Rounded up: after as many milliseconds the wait is over. */
function refuseUntil(untilMs: number, ctx: DecisionContext): Admission {
  return { kind: 'refuse', retryAfterMs: Math.ceil(untilMs - ctx.nowMs) };
}
