import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  type Breaker,
  CircuitOpenError,
  createBreaker,
  memoryStore,
  type Transition,
} from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';

const told: Transition[] = [];
const store = dynamoStore({ client: new DynamoDBClient({}), tableName: 'circuits' });
const breaker: Breaker = createBreaker({
  name: 'typed',
  store,
  onTransition: (transition) => told.push(transition),
});

export async function handler(event: { id: string }): Promise<string | undefined> {
  const prefetched = breaker.prefetch();
  try {
    return await breaker.execute((signal) => recommend(event.id, signal), { prefetched });
  } catch (error) {
    if (error instanceof CircuitOpenError) return `in ${error.retryAfterMs.toFixed()} ms`;
    throw error;
  }
}

async function recommend(id: string, signal: AbortSignal): Promise<string> {
  return signal.aborted ? '' : id;
}

// @ts-expect-error A breaker without a name.
createBreaker({ store: memoryStore() });
