import { baseUrl, type Environment, readEnv, text, wholeNumber } from '../shared/env.ts';

const variables = {
  PRODUCT_URL: baseUrl,
  RECOMMENDATIONS_URL: baseUrl,
  PRODUCT_TIMEOUT_MS: wholeNumber(1),
  CALL_TIMEOUT_MS: wholeNumber(1),
  FAILURE_THRESHOLD: wholeNumber(1),
  OPEN_MS: wholeNumber(1),
  MAX_OPEN_MS: wholeNumber(1),
  CIRCUIT_NAME: text,
  CIRCUIT_TABLE: text,
  POWERTOOLS_METRICS_NAMESPACE: text,
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
    failureThreshold: read.FAILURE_THRESHOLD,
    openMs: read.OPEN_MS,
    maxOpenMs: read.MAX_OPEN_MS,
    circuitName: read.CIRCUIT_NAME,
    circuitTable: read.CIRCUIT_TABLE,
    metricsNamespace: read.POWERTOOLS_METRICS_NAMESPACE,
  };
}
