import { type Environment, flag, readEnv, wholeNumber } from '../shared/env.ts';

const variables = {
  SIMULATE_FAILURE: flag,
  FAILURE_HANG_MS: wholeNumber(0),
  FAILURE_PERCENT: wholeNumber(0),
};

/** What the stack has to set. */
export type Env = Record<keyof typeof variables, string>;

export function loadConfig(env: Environment) {
  const read = readEnv(env, variables);
  return {
    simulateFailure: read.SIMULATE_FAILURE,
    failureHangMs: read.FAILURE_HANG_MS,
    failurePercent: read.FAILURE_PERCENT,
  };
}
