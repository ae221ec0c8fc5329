/** The variants of this breaker that the tables show, and the policies beside it. */
import { type Policy, thisBreaker } from '../../breaker/simulation/policy.ts';
import { noBreaker, statePerInstance } from './policies/per-instance.ts';
import { absoluteCounter, readModifyWrite, sharedFlag } from './policies/shared.ts';

/** The library's defaults, whatever threshold a scenario sets for the others. */
const HALF_OF_TEN = { failureRate: 0.5, failureThreshold: 10 };

export const DEFAULT = thisBreaker('this breaker (default)', HALF_OF_TEN);
export const DEFAULT_250 = thisBreaker('default, 250 ms view', { ...HALF_OF_TEN, viewTtlMs: 250 });
/** As many failures in a row as the scenario says. */
export const IN_A_ROW = thisBreaker('T in a row', { failureRate: 1 });
export const IN_A_ROW_250 = thisBreaker('T in a row, 250 ms view', {
  failureRate: 1,
  viewTtlMs: 250,
});
/** After a recovery the calls return over 20 s. */
export const RAMP = thisBreaker('default, ramp 20 s', { ...HALF_OF_TEN, rampMs: 20_000 });
export const RAMP_IN_A_ROW = thisBreaker('T in a row, ramp 20 s', {
  failureRate: 1,
  rampMs: 20_000,
});
/** Copies of the item, as docs/scale.md has them for 10,000 and 100,000 calls a second. */
export const IN_A_ROW_4_MIRRORS = thisBreaker('T in a row, 4 mirrors', {
  failureRate: 1,
  mirrors: 4,
});
export const IN_A_ROW_18_MIRRORS = thisBreaker('T in a row, 18 mirrors', {
  failureRate: 1,
  mirrors: 18,
});
export const DEFAULT_4_MIRRORS = thisBreaker('default, 4 mirrors', { ...HALF_OF_TEN, mirrors: 4 });
export const SLOW_500 = thisBreaker('T in a row, 250 ms view, slow 500 ms', {
  failureRate: 1,
  viewTtlMs: 250,
  slowCallMs: 500,
});
/**
 * The comparison policies do not lengthen their open period; so that this can be told apart. Twice as
 * many probes are its price.
 */
export const CONSTANT: Policy = {
  ...thisBreaker('T in a row, always 10 s', { failureRate: 1, maxOpenMs: 10_000 }),
  isUnbounded: true,
};

/** This breaker in its four usual ways. */
export const OURS: readonly Policy[] = [DEFAULT, DEFAULT_250, IN_A_ROW, IN_A_ROW_250];
export const BY_SHARE: readonly Policy[] = [DEFAULT, DEFAULT_250];
export const BY_ROW: readonly Policy[] = [IN_A_ROW, IN_A_ROW_250];

export const OTHERS: readonly Policy[] = [
  noBreaker,
  statePerInstance,
  sharedFlag,
  readModifyWrite,
  absoluteCounter,
];
