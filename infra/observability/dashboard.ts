import { Duration } from 'aws-cdk-lib';
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { circuitMetric } from './circuit-metrics.ts';
import type { Observed, Service } from './observed.ts';

const period = Duration.minutes(1);
const sum = { statistic: Stats.SUM, period };
const average = { statistic: Stats.AVERAGE, period };

/** From the circuit to what it costs, top to bottom; v1 beside v2 wherever both exist. */
export class CircuitDashboard extends Construct {
  constructor(scope: Construct, id: string, observed: Observed) {
    super(scope, id);
    const dashboardName = `fleet-breaker-${observed.settings.stage}`;
    const dashboard = new Dashboard(this, 'Board', { dashboardName });
    dashboard.addWidgets(...circuitRow(observed));
    dashboard.addWidgets(...gatewayRow(observed));
    dashboard.addWidgets(...fleetRow(observed));
    dashboard.addWidgets(...costRow(observed));
  }
}

function graph(title: string, left: IMetric[], right: IMetric[] = []) {
  const leftYAxis = { min: 0, showUnits: false };
  return new GraphWidget({ title, left, right, leftYAxis, width: 8, height: 6 });
}

function circuitRow({ circuit }: Observed) {
  const metric = circuitMetric(circuit);
  const counts = (names: Parameters<typeof metric>[0][]) => names.map((name) => metric(name, sum));
  return [
    graph(
      'Circuit: share of calls that met it not closed (1 = open)',
      [metric('CircuitOpen', { ...average, label: 'not closed' })],
      counts(['ToOpen', 'ToHalfOpen', 'ToClosed']),
    ),
    graph(
      'Calls to recommendations, and fallbacks',
      counts(['CallSucceeded', 'CallFailed', 'CallIgnored', 'CallRefused', 'Fallback']),
      counts(['ProbeSucceeded', 'ProbeFailed']),
    ),
    graph(
      'Latency of calls made (ms); share of calls without the store',
      ['p50', 'p99'].map((statistic) =>
        metric('CallLatency', { statistic, period, label: statistic }),
      ),
      [metric('StoreUnavailable', { ...average, label: 'without the store' })],
    ),
  ];
}

function gatewayRow({ services }: Observed) {
  const gateways = { v1: services['gateway-v1'].api.api, v2: services['gateway-v2'].api.api };
  const both = (metric: (api: typeof gateways.v1, label: string) => IMetric) =>
    Object.entries(gateways).map(([label, api]) => metric(api, label));
  const latency = (statistic: string) =>
    both((api, name) => api.metricLatency({ statistic, period, label: `${name} ${statistic}` }));
  return [
    graph('Latency (ms): v1 beside v2', [...latency('p50'), ...latency('p95')]),
    graph('Server errors, as a share of requests: v1 beside v2', [
      ...both((api, label) => api.metricServerError({ ...average, label })),
    ]),
    graph('Requests per minute: v1 beside v2', [
      ...both((api, label) => api.metricCount({ ...sum, label })),
    ]),
  ];
}

function fleetRow({ services, table }: Observed) {
  const each = perPart(services);
  return [
    graph(
      'Concurrent executions',
      each(({ fn }, label) =>
        fn.lambda.metric('ConcurrentExecutions', { statistic: Stats.MAXIMUM, period, label }),
      ),
      each(({ fn }, label) => fn.lambda.metricThrottles({ ...sum, label: `${label} throttled` })),
    ),
    graph('Circuit table: consumed capacity', [
      table.metricConsumedReadCapacityUnits({ ...sum, label: 'read units' }),
      table.metricConsumedWriteCapacityUnits({ ...sum, label: 'write units' }),
    ]),
    graph('Circuit table: conditions refused (lost races), throttled requests', [
      table.metricConditionalCheckFailedRequests({ ...sum, label: 'conditions refused' }),
      table.metric('ReadThrottleEvents', { ...sum, label: 'reads throttled' }),
      table.metric('WriteThrottleEvents', { ...sum, label: 'writes throttled' }),
    ]),
  ];
}

function costRow({ services, table }: Observed) {
  const each = perPart(services);
  const gbSeconds = ({ fn }: Service, label: string) => {
    // CloudWatch wants an id to be unique in its graph.
    const duration = `duration_${label.replace('-', '_')}`;
    return new MathExpression({
      label,
      expression: `${duration} / 1000 * ${fn.memorySizeMb / 1024}`,
      usingMetrics: { [duration]: fn.lambda.metricDuration(sum) },
      period,
    });
  };
  const note = 'What the bill is made of: Lambda GB-seconds, API requests, logs, and the table.';
  return [
    new TextWidget({ markdown: note, width: 24, height: 1 }),
    graph('Cost: Lambda GB-seconds per minute', each(gbSeconds)),
    graph(
      'Cost: API requests per minute',
      each(({ api }, label) => api.api.metricCount({ ...sum, label })),
    ),
    graph('Cost: log bytes per minute; table units per minute', each(logBytes), [
      table.metricConsumedReadCapacityUnits({ ...sum, label: 'read units' }),
      table.metricConsumedWriteCapacityUnits({ ...sum, label: 'write units' }),
    ]),
  ];
}

/** CDK's own metric of a log group forgets to say which group. */
const logBytes = ({ fn }: Service, label: string) =>
  new Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    dimensionsMap: { LogGroupName: fn.logGroup.logGroupName },
    ...sum,
    label,
  });

const perPart =
  (services: Observed['services']) =>
  (metric: (service: Service, label: string) => IMetric): IMetric[] =>
    Object.entries(services).map(([part, service]) => metric(service, part));
