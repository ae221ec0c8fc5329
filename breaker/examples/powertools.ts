import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Breaker, createBreaker } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { type CircuitMetric, powertoolsListeners } from 'fleet-breaker/powertools';

const name = 'recommendations';
const metrics = new Metrics({ namespace: 'shop', defaultDimensions: { circuit: name } });

export function observedBreaker(client: DynamoDBClient, tableName: string): Breaker {
  const listeners = powertoolsListeners({ metrics, logger: new Logger() });
  return createBreaker({ name, store: dynamoStore({ client, tableName }), ...listeners });
}

/** Metrics are published before the answer, because Lambda freezes the instance after it. */
export async function recommend(breaker: Breaker, call: () => Promise<string[]>) {
  const fallback = () => {
    metrics.addMetric('Fallback' satisfies CircuitMetric, 'Count', 1);
    return [];
  };
  try {
    return await breaker.execute(call, { fallback });
  } finally {
    metrics.publishStoredMetrics();
  }
}
