import type { Metrics } from '@aws-lambda-powertools/metrics';
import { correlationIdOf } from '../shared/correlation.ts';
import type { Handler } from '../shared/http.ts';

type Stored = Pick<Metrics, 'addMetadata' | 'hasStoredMetrics' | 'publishStoredMetrics'>;

/** Before the answer, because after it the instance is frozen; found by the same id as the request's other lines. */
export const publishing =
  (metrics: Stored, handler: Handler): Handler =>
  async (event, context) => {
    try {
      return await handler(event, context);
    } finally {
      if (metrics.hasStoredMetrics()) {
        metrics.addMetadata('correlation_id', correlationIdOf(event));
        metrics.publishStoredMetrics();
      }
    }
  };
