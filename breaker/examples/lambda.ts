import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createBreaker } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { createHandler } from './handler.ts';

const { CIRCUIT_TABLE = 'circuits', RECOMMENDATIONS_URL } = process.env;

// Once per instance, outside the handler.
const client = new DynamoDBClient({
  maxAttempts: 1,
  requestHandler: { requestTimeout: 1_000, throwOnRequestTimeout: true },
});
const breaker = createBreaker({
  name: 'recommendations',
  store: dynamoStore({ client, tableName: CIRCUIT_TABLE }),
  onTransition: (transition) => console.warn('circuit transition', transition),
  onStoreChange: (change) => console.warn('circuit store', change),
});

export const handler = createHandler(breaker, async (id, signal) => {
  const response = await fetch(`${RECOMMENDATIONS_URL}/${id}`, { signal });
  if (!response.ok) throw new Error('No recommendations', { cause: response });
  return (await response.json()) as string[];
});
