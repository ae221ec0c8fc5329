/**
 * The slow return: a circuit that has recovered admits a small share of the calls at first, and more
 * and more of them until `rampMs` are over (docs/adr/0009).
 */
import type { DecisionContext } from './context.ts';
import type { View } from './view.ts';

/** The share doubles so often, from 1/32 to all. */
const DOUBLINGS = 5;

/** The share of the calls that is admitted; 1 where nothing is held back. */
export function admittedShare({ waitUntilMs }: View, { rules, nowMs }: DecisionContext): number {
  const leftMs = waitUntilMs - nowMs;
  // A return that would last longer than it should means that the clock was set back.
  const isOver = leftMs <= 0 || leftMs > rules.rampMs;
  return isOver ? 1 : 2 ** ((-DOUBLINGS * leftMs) / rules.rampMs);
}

/** A call that is refused now has twice the chance so much later. */
export function doublingMs(rampMs: number): number {
  return Math.ceil(rampMs / DOUBLINGS);
}
