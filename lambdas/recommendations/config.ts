import { type Environment, flag, readEnv, wholeNumber } from '../shared/env.ts';

const variables = { SIMULATE_FAILURE: flag, FAILURE_HANG_MS: wholeNumber(0) };

/** What the stack has to set. */
export type Env = Record<keyof typeof variables, string>;

export function loadConfig(env: Environment) {
  const { SIMULATE_FAILURE, FAILURE_HANG_MS } = readEnv(env, variables);
  return { simulateFailure: SIMULATE_FAILURE, failureHangMs: FAILURE_HANG_MS };
}
