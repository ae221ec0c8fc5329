import { createLogger } from '../shared/logger.ts';
import { serviceClient, signerFor } from '../shared/service-client.ts';
import { fetchProduct, fetchRecommendations } from '../shared/services.ts';
import { loadConfig } from './config.ts';
import { createHandler } from './handler.ts';

const config = loadConfig(process.env);
const signer = signerFor(process.env);
const products = serviceClient({ baseUrl: config.productUrl, signer, fetch });
const recommendations = serviceClient({ baseUrl: config.recommendationsUrl, signer, fetch });

export const handler = createHandler({
  fetchProduct: (id) => fetchProduct(products, id, AbortSignal.timeout(config.productTimeoutMs)),
  fetchRecommendations: (id) =>
    fetchRecommendations(recommendations, id, AbortSignal.timeout(config.callTimeoutMs)),
  log: createLogger(),
  now: Date.now,
});
