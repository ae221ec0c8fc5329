/** The stores that keep circuits in a DynamoDB table: whatever holds of one holds of the other. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { type DynamoLiteStoreOptions, dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';
import { beforeAll, describe, vi } from 'vitest';
import type { CircuitStore } from '../../src/ports.ts';
import { TIME_LIMIT_MS } from '../../src/stores/lite/limits.ts';
import { describeEngines } from './engines.ts';
import { engineHarness, type Harness } from './harness.ts';

interface Place extends DynamoLiteStoreOptions {
  readonly endpoint: string;
}

/** Each makes a store as callers do, with connections of its own, and with the same time for a request. */
export const TABLE_STORES: Readonly<Record<string, (place: Place) => CircuitStore>> = {
  dynamoStore({ endpoint, ...table }) {
    const client = new DynamoDBClient({
      ...{ endpoint, region: 'us-east-1', maxAttempts: 1 },
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      requestHandler: { requestTimeout: TIME_LIMIT_MS, throwOnRequestTimeout: true },
    });
    return dynamoStore({ client, ...table });
  },
  dynamoLiteStore(place) {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'local');
    return dynamoLiteStore({ region: 'us-east-1', ...place });
  },
};

/** Describes `suite` by each of these stores, on one engine or on each. */
export function describeTableStores(suite: (harness: () => Harness) => void): void {
  describeEngines((engine) => {
    describe.each(Object.entries(TABLE_STORES))('by %s', (_, storeAt) => {
      let harness: Harness;
      beforeAll(() => {
        const { endpoint, tableName } = engine();
        harness = engineHarness(engine(), storeAt({ endpoint, tableName }));
      });
      suite(() => harness);
    });
  });
}
