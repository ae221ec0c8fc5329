/**
 * The score of a streak (CUSUM): a failure adds 1, a success takes `forgivenBySuccess`, and at
 * `failureThreshold` the circuit trips. On average it rises only while more than `failureRate` of
 * the calls fail (docs/adr/0007).
 */
import type { Rules } from './context.ts';

/**
 * Scores have three decimals. DynamoDB counts in decimals and JavaScript in binary fractions, so
 * both would drift apart without.
 */
const STEPS_PER_FAILURE = 1_000;

/** What a success takes from the score. Infinity at a rate of 1: one success forgives all. */
export function forgivenBySuccess({ failureRate }: Pick<Rules, 'failureRate'>): number {
  return roundScore(failureRate / (1 - failureRate));
}

/** The nearest score that has three decimals. */
export function roundScore(score: number): number {
  return Math.round(score * STEPS_PER_FAILURE) / STEPS_PER_FAILURE;
}
