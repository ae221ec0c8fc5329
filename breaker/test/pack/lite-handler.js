import { createBreaker } from 'fleet-breaker';
import { dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';

const store = dynamoLiteStore({ tableName: process.env.CIRCUIT_TABLE });
const breaker = createBreaker({
  name: 'recommendations-lite',
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
