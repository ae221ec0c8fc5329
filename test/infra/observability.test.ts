import { readFileSync } from 'node:fs';
import type { Transition } from 'fleet-breaker';
import { expect, test } from 'vitest';
import { ofType, parts, render, templateFor, variablesOf } from './template.ts';

const template = templateFor();
const withEmail = templateFor({ alarmEmail: 'ops@example.com' });

const [dashboard, ...otherDashboards] = ofType(template, 'AWS::CloudWatch::Dashboard');
const body = JSON.parse(render(dashboard?.Properties.DashboardBody));
const graphs = body.widgets.filter(({ type }: { type: string }) => type === 'metric');
/** As CloudWatch takes them: namespace, name, dimensions in pairs, and how to show it. */
const shown: string[] = graphs.flatMap(({ properties }: { properties: { metrics: unknown[] } }) =>
  properties.metrics.map((metric) => JSON.stringify(metric)),
);

test.each([
  ['the circuit', '"fleet-breaker/demo","CircuitOpen"'],
  ['its transitions', '"fleet-breaker/demo","ToOpen"'],
  ['fallbacks', '"fleet-breaker/demo","Fallback"'],
  ['probes', '"fleet-breaker/demo","ProbeFailed"'],
  ['latency of v1', '"AWS/ApiGateway","Latency","ApiName","fleet-breaker-demo-gateway-v1"'],
  ['latency of v2', '"AWS/ApiGateway","Latency","ApiName","fleet-breaker-demo-gateway-v2"'],
  ['errors of v1', '"AWS/ApiGateway","5XXError","ApiName","fleet-breaker-demo-gateway-v1"'],
  ['errors of v2', '"AWS/ApiGateway","5XXError","ApiName","fleet-breaker-demo-gateway-v2"'],
  ['concurrency', '"AWS/Lambda","ConcurrentExecutions","FunctionName","<GatewayV1Function>"'],
  ['reads of the table', '"AWS/DynamoDB","ConsumedReadCapacityUnits","TableName","<Circuits>"'],
  ['writes of the table', '"AWS/DynamoDB","ConsumedWriteCapacityUnits","TableName","<Circuits>"'],
  ['lost races', '"AWS/DynamoDB","ConditionalCheckFailedRequests","TableName","<Circuits>"'],
  ['the cost of logs', '"AWS/Logs","IncomingBytes","LogGroupName","<GatewayV2FunctionLogs>"'],
  ['the cost of functions', '/ 1000 * 0.5'],
])('the dashboard shows %s', (_, metric) => {
  expect(otherDashboards).toEqual([]);
  expect(shown.filter((one) => one.includes(metric))).not.toEqual([]);
});

test('the graphs fill the width of the dashboard and do not overlap', () => {
  const cells = body.widgets.flatMap((w: { x: number; y: number; width: number; height: number }) =>
    Array.from(
      { length: w.width * w.height },
      (_, i) => `${w.x + (i % w.width)} ${w.y + Math.floor(i / w.width)}`,
    ),
  );
  expect(new Set(cells).size).toBe(cells.length);
  const height = Math.max(...cells.map((cell: string) => Number(cell.split(' ')[1]))) + 1;
  expect(cells.length).toBe(24 * height);
});

test('all 13 metrics of the circuit are shown, read from where gateway-v2 writes them', () => {
  const { POWERTOOLS_METRICS_NAMESPACE, POWERTOOLS_SERVICE_NAME, CIRCUIT_NAME } = variablesOf(
    template,
    'gateway-v2',
  );
  const own = shown.map((metric) => JSON.parse(metric)).filter(([space]) => /^fleet/.test(space));
  expect(new Set(own.map(([, name]) => name)).size).toBe(13);
  for (const [namespace, , ...dimensions] of own) {
    expect(namespace).toBe(POWERTOOLS_METRICS_NAMESPACE);
    expect(dimensions.slice(0, 4)).toEqual([
      'circuit',
      CIRCUIT_NAME,
      'service',
      POWERTOOLS_SERVICE_NAME,
    ]);
  }
});

const alarms = (from: typeof template) =>
  ofType(from, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);

interface Measured {
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Value: unknown }[];
  readonly Period: number;
  readonly Statistic: string;
}
interface Queried {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat: {
    readonly Metric: Measured;
    readonly Period: number;
    readonly Stat: string;
  };
}
type WatchedAlarm = Measured & { readonly Metrics?: readonly Queried[] };

const alarmNamed = (name: string) =>
  alarms(template).find(({ AlarmName }) => AlarmName === `fleet-breaker-demo-${name}`);

/** The metrics of an alarm, by their ids where it calculates with them. */
function metricsOf(alarm: WatchedAlarm): (Measured & { readonly id?: string })[] {
  if (!alarm.Metrics) return [alarm];
  const [, ...queried] = alarm.Metrics;
  return queried.map(({ Id: id, MetricStat: { Metric, Period, Stat } }) => ({
    ...{ ...Metric, id, Period, Statistic: Stat },
  }));
}

/** What an alarm compares with its threshold, with the metrics in the place of their ids. */
function watched(alarm: WatchedAlarm): string {
  const name = ({ Statistic, MetricName }: Measured) => `${Statistic} ${MetricName}`;
  if (!alarm.Metrics) return name(alarm);
  return metricsOf(alarm).reduce(
    (expression, metric) =>
      expression.replaceAll(new RegExp(`\\b${metric.id}\\b`, 'g'), `[${name(metric)}]`),
    alarm.Metrics[0]?.Expression ?? '',
  );
}

test.each([
  ['circuit-open', 'Minimum CircuitOpen', 1, '1 of 1'],
  [
    'store-trouble',
    '[Sum StoreUnavailable] / IF([SampleCount StoreUnavailable] > 20, [SampleCount StoreUnavailable], 20)',
    ...[0.1, '3 of 5'],
  ],
  [
    'gateway-v2-errors',
    '[Sum 5XXError] / IF([SampleCount Count] > 200, [SampleCount Count], 200)',
    ...[0.01, '2 of 2'],
  ],
  ['table-read-throttled', 'FILL([Sum ReadThrottleEvents], 0)', 1, '1 of 3'],
  ['table-write-throttled', 'FILL([Sum WriteThrottleEvents], 0)', 1, '1 of 3'],
  ['gateway-v2-throttled', 'Sum Throttles', 1, '1 of 1'],
  [
    'account-concurrency',
    '100 * [Maximum ClaimedAccountConcurrency] / SERVICE_QUOTA([Maximum ConcurrentExecutions])',
    ...[80, '1 of 1'],
  ],
])('the alarm %s goes off at %s >= %d, in %s minutes', (name, metric, threshold, minutes) => {
  const alarm = alarms(template).find(
    ({ AlarmName }) => AlarmName === `fleet-breaker-demo-${name}`,
  );
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = alarm;
  expect(watched(alarm)).toBe(metric);
  expect(alarm).toMatchObject({
    Threshold: threshold,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'notBreaching',
    AlarmDescription: expect.stringMatching(/\w{3}.*\.$/),
  });
  expect(`${DatapointsToAlarm} of ${EvaluationPeriods}`).toBe(minutes);
  expect(new Set(metricsOf(alarm).map(({ Period }) => Period))).toEqual(new Set([60]));
});

test('there is no other alarm', () => {
  expect(alarms(template)).toHaveLength(7);
});

test('no alarm on a metric of DynamoDB is without FILL: it would never end', () => {
  const ofDynamoDb = alarms(template).filter((alarm) =>
    JSON.stringify(alarm).includes('"AWS/DynamoDB"'),
  );
  expect(ofDynamoDb).toHaveLength(2);
  for (const alarm of ofDynamoDb) expect(watched(alarm)).toMatch(/^FILL\(/);
});

test('the concurrency that is watched is that of the account, and the throttling that of gateway-v2', () => {
  const dimensions = (name: string) =>
    metricsOf(alarmNamed(name)).flatMap(({ Dimensions = [] }) =>
      Dimensions.map(({ Value }) => render(Value)),
    );
  expect(dimensions('account-concurrency')).toEqual([]);
  expect(dimensions('gateway-v2-throttled')).toEqual(['<GatewayV2Function>']);
});

test('without an e-mail address the alarms tell nobody', () => {
  expect(ofType(template, 'AWS::SNS::Topic')).toEqual([]);
  for (const alarm of alarms(template)) expect(alarm.AlarmActions).toBeUndefined();
});

test('with an e-mail address every alarm goes there, over a topic that only takes it from CloudWatch by TLS', () => {
  const [subscription, ...others] = ofType(withEmail, 'AWS::SNS::Subscription');
  expect(others).toEqual([]);
  expect(subscription?.Properties).toMatchObject({
    Protocol: 'email',
    Endpoint: 'ops@example.com',
  });
  const topic = render(subscription?.Properties.TopicArn);
  for (const alarm of alarms(withEmail)) expect(alarm.AlarmActions.map(render)).toEqual([topic]);
  const [policy] = ofType(withEmail, 'AWS::SNS::TopicPolicy');
  expect(policy?.Properties.PolicyDocument.Statement).toEqual([
    expect.objectContaining({
      Effect: 'Deny',
      Principal: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
    expect.objectContaining({
      Effect: 'Allow',
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }),
  ]);
});

test('saved queries are there for what is asked after an outage', () => {
  const queries = ofType(template, 'AWS::Logs::QueryDefinition').map(({ Properties }) => [
    Properties.Name,
    Properties.LogGroupNames.map(render),
  ]);
  const v2 = ['<GatewayV2FunctionLogs>'];
  const all = expect.arrayContaining([...v2, '<ProductFunctionLogs>', '<GatewayV1FunctionLogs>']);
  expect(queries).toEqual([
    ['fleet-breaker-demo/transitions', v2],
    ['fleet-breaker-demo/probes', v2],
    ['fleet-breaker-demo/slowest-requests', all],
    ['fleet-breaker-demo/degraded-share-per-minute', v2],
    ['fleet-breaker-demo/cold-starts', all],
  ]);
});

test('saved queries find transitions by the words of gateway-v2, and ask for what a transition has', () => {
  const has: Record<keyof Transition, true> = {
    ...{ name: true, from: true, to: true, operation: true, generation: true },
    ...{ reason: true, atMs: true, by: true, scope: true, override: true },
  };
  const queries = ofType(template, 'AWS::Logs::QueryDefinition')
    .map(({ Properties }) => String(Properties.QueryString))
    .filter((query) => query.includes('transition'));
  expect(queries).toHaveLength(2);
  for (const query of queries) {
    expect(query).toContain('filter message = "circuit transition"');
    expect(query).toMatch(/sort generation asc$/);
    for (const [, field] of query.matchAll(/transition\.(\w+)/g))
      expect(has).toHaveProperty([field ?? '']);
  }
  expect(readFileSync('breaker/src/powertools.ts', 'utf8')).toContain(
    "'circuit transition', { transition }",
  );
});

test('an emulator is not asked for saved queries and calculating alarms, which it would refuse', () => {
  const emulated = templateFor({ endpointUrl: 'http://127.0.0.1:4566' });
  expect(ofType(emulated, 'AWS::Logs::QueryDefinition')).toEqual([]);
  expect(ofType(emulated, 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
  expect(alarms(emulated).map(watched)).toEqual(['Minimum CircuitOpen', 'Sum Throttles']);
});

test('functions and APIs take part in every trace', () => {
  for (const { Properties } of ofType(template, 'AWS::Lambda::Function')) {
    expect(Properties.TracingConfig).toEqual({ Mode: 'Active' });
  }
  for (const { Properties } of ofType(template, 'AWS::ApiGateway::Stage')) {
    expect(Properties.TracingEnabled).toBe(true);
  }
});

test('every API logs its requests as JSON, and nothing in it leads to a person', () => {
  const settings = ofType(template, 'AWS::ApiGateway::Stage').map(
    ({ Properties }) => Properties.AccessLogSetting,
  );
  const groups = settings.map(({ DestinationArn }) => /<(\w+)>$/.exec(render(DestinationArn))?.[1]);
  expect(new Set(groups).size).toBe(parts.length);
  for (const { Format } of settings) {
    const fields = JSON.parse(Format);
    expect(fields).toMatchObject({ requestId: '$context.requestId', status: '$context.status' });
    const personal = /identity|authorizer|sourceIp|userAgent|path"|domain|requestOverride|caller/i;
    for (const value of Object.values(fields)) expect(value).not.toMatch(personal);
  }
});
