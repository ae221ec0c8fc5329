import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CircuitStore } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';

export function circuitStore(tableName: string): CircuitStore {
  const client = new DynamoDBClient({
    // The breaker goes on without the store rather than wait for a second attempt.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 1_000,
      throwOnRequestTimeout: true,
    },
  });
  return dynamoStore({ client, tableName });
}
