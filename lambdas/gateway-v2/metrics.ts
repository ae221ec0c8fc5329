import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { CallRecord, StoreChange, Transition } from 'fleet-breaker';
import { correlationIdOf } from '../shared/correlation.ts';
import type { Handler } from '../shared/http.ts';

/**
 * What an instance knows of its circuit. Whatever differs from call to call is a name and never a
 * dimension, so the number of metrics does not grow with the traffic.
 */
export type CircuitMetric =
  /** Calls by outcome; of the failed ones, the user's answer is a fallback as well. */
  | 'CallSucceeded'
  | 'CallFailed'
  | 'CallIgnored'
  | 'CallRefused'
  /** Milliseconds of calls that were made. */
  | 'CallLatency'
  | 'Fallback'
  /** Probes are counted among the calls too. */
  | 'ProbeSucceeded'
  | 'ProbeFailed'
  /** Told once in the fleet, by the instance that made it. */
  | 'ToOpen'
  | 'ToHalfOpen'
  | 'ToClosed'
  /** 1 for a call that met a circuit not closed, 0 for one that did not: its average is a share. */
  | 'CircuitOpen'
  /** 1 for a call that had to do without the shared state, 0 for one that had it. */
  | 'StoreUnavailable';

type Sink = Pick<
  Metrics,
  'addMetric' | 'addMetadata' | 'hasStoredMetrics' | 'publishStoredMetrics'
>;

const OUTCOME = {
  success: 'CallSucceeded',
  failure: 'CallFailed',
  ignored: 'CallIgnored',
  refused: 'CallRefused',
} as const;
const TO = { OPEN: 'ToOpen', HALF_OPEN: 'ToHalfOpen', CLOSED: 'ToClosed' } as const;

/** The breaker's listeners, and a word for the fallback. */
export function circuitMetrics(metrics: Sink) {
  let isStoreAvailable = true;
  const count = (metric: CircuitMetric, by = 1) => metrics.addMetric(metric, MetricUnit.Count, by);
  return {
    onCall({ outcome, probe, latencyMs }: CallRecord): void {
      const isRefused = outcome === 'refused';
      count(OUTCOME[outcome]);
      if (probe && outcome === 'success') count('ProbeSucceeded');
      if (probe && outcome === 'failure') count('ProbeFailed');
      if (!isRefused) {
        metrics.addMetric(
          'CallLatency' satisfies CircuitMetric,
          MetricUnit.Milliseconds,
          latencyMs,
        );
      }
      count('CircuitOpen', Number(isRefused || probe));
      count('StoreUnavailable', Number(!isStoreAvailable));
    },
    onTransition({ to }: Transition): void {
      count(TO[to]);
    },
    onStoreChange({ available }: StoreChange): void {
      isStoreAvailable = available;
    },
    onFallback(): void {
      count('Fallback');
    },
  };
}

/** Before the answer, because after it the instance is frozen; found by the same id as the request's other lines. */
export const publishing =
  (metrics: Sink, handler: Handler): Handler =>
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
