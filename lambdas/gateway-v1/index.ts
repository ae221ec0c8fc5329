import { onwardHeaders } from '../shared/correlation.ts';
import { createLogger } from '../shared/logger.ts';
import { serviceClient } from '../shared/service-client.ts';
import { fetchProduct, fetchRecommendations } from '../shared/services.ts';
import { signerFor } from '../shared/signer.ts';
import { loadConfig } from './config.ts';
import { createHandler } from './handler.ts';

const config = loadConfig(process.env);
const log = createLogger();
const client = {
  sign: signerFor(process.env),
  headers: onwardHeaders(log, process.env),
  fetch,
};
const products = serviceClient({ ...client, baseUrl: config.productUrl });
const recommendations = serviceClient({ ...client, baseUrl: config.recommendationsUrl });

export const handler = createHandler({
  fetchProduct: (id) => fetchProduct(products, id, AbortSignal.timeout(config.productTimeoutMs)),
  fetchRecommendations: (id) =>
    fetchRecommendations(recommendations, id, AbortSignal.timeout(config.callTimeoutMs)),
  log,
  now: Date.now,
});
