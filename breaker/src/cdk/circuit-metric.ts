import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { CircuitMetric } from '../powertools.ts';

/** Under what the function writes the metrics of a circuit, by `fleet-breaker/powertools`. */
export interface CircuitSource {
  /** The namespace of its `Metrics`. */
  readonly namespace: string;
  /** The service of its `Metrics`: POWERTOOLS_SERVICE_NAME of the function. */
  readonly service: string;
  /** The dimension `circuit` of its `Metrics`: the circuit's name. */
  readonly circuit: string;
}

/** A metric of the circuit. */
export function circuitMetric(
  { namespace, service, circuit }: CircuitSource,
  metricName: CircuitMetric,
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace,
    metricName,
    dimensionsMap: { service, circuit },
    ...options,
  });
}
