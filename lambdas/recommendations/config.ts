import { type Environment, flag, readEnv, type Variable, wholeNumber } from '../shared/env.ts';

/** In epoch milliseconds; nothing is a time that never comes. */
const timeOrNever: Variable<number> = {
  expected: 'a time such as 2026-01-31T12:00:00Z, or nothing at all',
  read: (value) => {
    if (value === '') return Number.POSITIVE_INFINITY;
    const isUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(value);
    return isUtc && Date.parse(value) > 0 ? Date.parse(value) : undefined;
  },
};

const variables = {
  SIMULATE_FAILURE: flag,
  FAILURE_HANG_MS: wholeNumber(0),
  FAILURE_PERCENT: wholeNumber(0),
  /** The fault ends then by itself, whoever forgot it. */
  SIMULATE_UNTIL: timeOrNever,
};

/** What the stack has to set. */
export type Env = Record<keyof typeof variables, string>;

export function loadConfig(env: Environment) {
  const read = readEnv(env, variables);
  return {
    simulateFailure: read.SIMULATE_FAILURE,
    failureHangMs: read.FAILURE_HANG_MS,
    failurePercent: read.FAILURE_PERCENT,
    simulateUntilMs: read.SIMULATE_UNTIL,
  };
}
