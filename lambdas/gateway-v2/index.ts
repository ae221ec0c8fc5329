import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createBreaker } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { createLogger } from '../shared/logger.ts';
import { serviceClient, signerFor } from '../shared/service-client.ts';
import { fetchProduct, fetchRecommendations } from '../shared/services.ts';
import { loadConfig } from './config.ts';
import { countingStore } from './counting-store.ts';
import { createHandler } from './handler.ts';

const config = loadConfig(process.env);
const log = createLogger();
const signer = signerFor(process.env);
const products = serviceClient({ baseUrl: config.productUrl, signer, fetch });
const recommendations = serviceClient({ baseUrl: config.recommendationsUrl, signer, fetch });

const table = dynamoStore({
  client: new DynamoDBClient({
    // The breaker goes on without the store rather than wait for a second attempt.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 1_000,
      throwOnRequestTimeout: true,
    },
  }),
  tableName: config.circuitTable,
});

const breaker = createBreaker({
  name: config.circuitName,
  store: countingStore(table, (use) => log.appendPersistentKeys({ ...use })),
  failureThreshold: config.failureThreshold,
  callTimeoutMs: config.callTimeoutMs,
  openMs: config.openMs,
  maxOpenMs: config.maxOpenMs,
  onTransition: (transition) => log.warn('circuit transition', { transition }),
  onStoreChange: (store) => log.warn('circuit store', { store }),
});

export const handler = createHandler({
  breaker,
  fetchProduct: (id) => fetchProduct(products, id, AbortSignal.timeout(config.productTimeoutMs)),
  fetchRecommendations: (id, signal) => fetchRecommendations(recommendations, id, signal),
  log,
  now: Date.now,
});
