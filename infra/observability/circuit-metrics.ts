import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { CircuitMetric } from '../../lambdas/gateway-v2/metrics.ts';

/** Whose metrics they are: what gateway-v2 is told to write them under. */
export interface CircuitMetricsSource {
  readonly namespace: string;
  readonly circuit: string;
}

/** The metric as gateway-v2 writes it into its log, by a name that the function knows too. */
export const circuitMetric =
  ({ namespace, circuit }: CircuitMetricsSource) =>
  (metricName: CircuitMetric, options: MetricOptions = {}) =>
    new Metric({
      namespace,
      metricName,
      dimensionsMap: { service: 'gateway-v2', circuit },
      ...options,
    });
