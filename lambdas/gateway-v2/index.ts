import { Metrics } from '@aws-lambda-powertools/metrics';
import { createBreaker } from 'fleet-breaker';
import { type CircuitMetric, powertoolsListeners } from 'fleet-breaker/powertools';
import { onwardHeaders } from '../shared/correlation.ts';
import { createLogger } from '../shared/logger.ts';
import { serviceClient } from '../shared/service-client.ts';
import { fetchProduct, fetchRecommendations } from '../shared/services.ts';
import { signerFor } from '../shared/signer.ts';
import { circuitStore } from './circuit-store.ts';
import { loadConfig } from './config.ts';
import { countingStore } from './counting-store.ts';
import { departure } from './departure.ts';
import { createHandler } from './handler.ts';
import { publishing } from './publishing.ts';

const config = loadConfig(process.env);
const log = createLogger();
const client = {
  sign: signerFor(process.env),
  headers: onwardHeaders(log, process.env),
  fetch,
};
const products = serviceClient({ ...client, baseUrl: config.productUrl });
const recommendations = serviceClient({ ...client, baseUrl: config.recommendationsUrl });

const metrics = new Metrics({
  namespace: config.metricsNamespace,
  defaultDimensions: { circuit: config.circuitName },
});

const breaker = createBreaker({
  name: config.circuitName,
  store: countingStore(circuitStore(config.circuitTable), (use) =>
    log.appendPersistentKeys({ ...use }),
  ),
  failureThreshold: config.failureThreshold,
  // So many failures in a row, which everybody who watches the demonstration can count.
  failureRate: 1,
  callTimeoutMs: config.callTimeoutMs,
  openMs: config.openMs,
  maxOpenMs: config.maxOpenMs,
  ...powertoolsListeners({ metrics, logger: log }),
});

const handle = createHandler({
  breaker,
  fetchProduct: (id) => fetchProduct(products, id, AbortSignal.timeout(config.productTimeoutMs)),
  fetchRecommendations: (id, signal) => fetchRecommendations(recommendations, id, signal),
  onFallback: () => metrics.addMetric('Fallback' satisfies CircuitMetric, 'Count', 1),
  log,
  now: Date.now,
  departure,
});

export const handler = publishing(metrics, handle);
