import { baseUrl, type Environment, readEnv, wholeNumber } from '../shared/env.ts';

const variables = {
  PRODUCT_URL: baseUrl,
  RECOMMENDATIONS_URL: baseUrl,
  PRODUCT_TIMEOUT_MS: wholeNumber(1),
  CALL_TIMEOUT_MS: wholeNumber(1),
};

/** What the stack has to set. */
export type Env = Record<keyof typeof variables, string>;

export function loadConfig(env: Environment) {
  const read = readEnv(env, variables);
  return {
    productUrl: read.PRODUCT_URL,
    recommendationsUrl: read.RECOMMENDATIONS_URL,
    productTimeoutMs: read.PRODUCT_TIMEOUT_MS,
    callTimeoutMs: read.CALL_TIMEOUT_MS,
  };
}
