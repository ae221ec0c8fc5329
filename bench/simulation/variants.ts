/** The variants of this breaker that the tables show, and the policies beside it. */
import { type Policy, thisBreaker } from '../../breaker/simulation/policy.ts';
import { noBreaker, statePerInstance } from './policies/per-instance.ts';
import { absoluteCounter, readModifyWrite, sharedFlag } from './policies/shared.ts';

export const VIEW_PER_CALL = thisBreaker('this breaker (default)');
export const VIEW_250 = thisBreaker('this breaker, 250 ms view', { viewTtlMs: 250 });
export const SLOW_500 = thisBreaker('this breaker, 250 ms view, slow 500 ms', {
  viewTtlMs: 250,
  slowCallMs: 500,
});
/**
 * The comparison policies do not lengthen their open period; so that this can be told apart. Twice as
 * many probes are its price.
 */
export const CONSTANT: Policy = {
  ...thisBreaker('this breaker, always 10 s', { maxOpenMs: 10_000 }),
  isUnbounded: true,
};

export const OTHERS: readonly Policy[] = [
  noBreaker,
  statePerInstance,
  sharedFlag,
  readModifyWrite,
  absoluteCounter,
];
