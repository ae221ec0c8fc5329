import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createBreaker } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';

const client = new DynamoDBClient({ maxAttempts: 1 });
const store = dynamoStore({ client, tableName: process.env.CIRCUIT_TABLE });
const breaker = createBreaker({
  name: 'recommendations',
  store,
  failureThreshold: 3,
  failureRate: 1,
});

export async function handler(event, context) {
  const items = await breaker.execute((signal) => recommend(event.id, signal), {
    fallback: () => [],
    remainingMs: () => context.getRemainingTimeInMillis(),
  });
  return { items, circuit: await breaker.status() };
}

async function recommend(id, signal) {
  const response = await fetch(`${process.env.RECOMMENDATIONS_URL}/${id}`, { signal });
  return response.ok ? response.json() : Promise.reject(response);
}
