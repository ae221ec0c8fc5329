import { Duration } from 'aws-cdk-lib';
import {
  GraphWidget,
  type IMetric,
  MathExpression,
  Metric,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { CircuitDashboard, tableWidgets } from 'fleet-breaker/cdk';
import type { Observed, Service } from './observed.ts';

const period = Duration.minutes(1);
const sum = { statistic: Stats.SUM, period };
const average = { statistic: Stats.AVERAGE, period };

/** From the circuit to what it costs, top to bottom; v1 beside v2 wherever both exist. */
export class DemoDashboard extends Construct {
  constructor(scope: Construct, id: string, observed: Observed) {
    super(scope, id);
    const dashboard = new CircuitDashboard(this, 'Board', {
      dashboardName: `fleet-breaker-${observed.settings.stage}`,
      sources: [observed.source],
    });
    dashboard.addWidgets(...gatewayRow(observed));
    dashboard.addWidgets(...fleetRow(observed));
    dashboard.addWidgets(...costRow(observed));
  }
}

function graph(title: string, left: IMetric[], right: IMetric[] = []) {
  const leftYAxis = { min: 0, showUnits: false };
  return new GraphWidget({ title, left, right, leftYAxis, width: 8, height: 6 });
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
    ...tableWidgets(table),
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
