import { Metrics } from '@aws-lambda-powertools/metrics';
import type { CallRecord, Transition } from 'fleet-breaker';
import { expect, test } from 'vitest';
import { lambdaContext, proxyEvent } from '../../test/support/proxy-event.ts';
import { circuitMetrics, publishing } from './metrics.ts';

type Listeners = ReturnType<typeof circuitMetrics>;
type Line = ReturnType<Metrics['serializeMetrics']>;

/** What an invocation writes into the log for CloudWatch to read; and how the invocation ended. */
async function publish(happen: (listeners: Listeners) => void) {
  const metrics = new Metrics({
    namespace: 'fleet-breaker/test',
    serviceName: 'gateway-v2',
    defaultDimensions: { circuit: 'recommendations' },
  });
  const lines: Line[] = [];
  const publishStoredMetrics = () => {
    lines.push(metrics.serializeMetrics());
    return metrics;
  };
  const sink = {
    addMetric: metrics.addMetric.bind(metrics),
    addMetadata: metrics.addMetadata.bind(metrics),
    hasStoredMetrics: () => metrics.hasStoredMetrics(),
    publishStoredMetrics,
  };
  const listeners = circuitMetrics(sink);
  const handler = publishing(sink, async () => {
    happen(listeners);
    return { statusCode: 200, body: '' };
  });
  const end = await handler(proxyEvent({ resource: '/' }), lambdaContext()).catch((error) => error);
  return { lines, end };
}

const call = (record: Partial<CallRecord>): CallRecord => ({
  name: 'recommendations',
  outcome: 'success',
  probe: false,
  latencyMs: 12,
  ...record,
});
const met = { CircuitOpen: 0, StoreUnavailable: 0, CallLatency: 12 };
const metNotClosed = { ...met, CircuitOpen: 1 };

test.each<[string, Partial<CallRecord>, Record<string, number>]>([
  ['succeeded', {}, { CallSucceeded: 1, ...met }],
  ['failed', { outcome: 'failure' }, { CallFailed: 1, ...met }],
  ['says nothing about health', { outcome: 'ignored' }, { CallIgnored: 1, ...met }],
  [
    'was refused',
    { outcome: 'refused', latencyMs: 0 },
    { CallRefused: 1, CircuitOpen: 1, StoreUnavailable: 0 },
  ],
  [
    'was a probe that succeeded',
    { probe: true },
    { CallSucceeded: 1, ProbeSucceeded: 1, ...metNotClosed },
  ],
  [
    'was a probe that failed',
    { probe: true, outcome: 'failure' },
    { CallFailed: 1, ProbeFailed: 1, ...metNotClosed },
  ],
])('a call that %s is counted as such', async (_, record, values) => {
  const { lines } = await publish(({ onCall }) => onCall(call(record)));
  expect(lines).toHaveLength(1);
  const { _aws, service, circuit, correlation_id, ...counted } = lines[0] as Line;
  expect(counted).toEqual(values);
  expect({ service, circuit }).toEqual({ service: 'gateway-v2', circuit: 'recommendations' });
  expect(correlation_id).toMatch(/./);
  const [directive] = _aws.CloudWatchMetrics;
  expect(directive).toMatchObject({
    Namespace: 'fleet-breaker/test',
    Dimensions: [['service', 'circuit']],
  });
  const declared = directive?.Metrics.map(({ Name }) => Name);
  expect(declared?.sort()).toEqual(Object.keys(values).sort());
});

const transition = (to: Transition['to']): Transition => ({
  name: 'recommendations',
  from: 'CLOSED',
  to,
  operation: 'trip',
  generation: 1,
  reason: '',
  atMs: 0,
  by: 'a',
  scope: 'fleet',
});

test.each([
  ['OPEN', 'ToOpen'],
  ['HALF_OPEN', 'ToHalfOpen'],
  ['CLOSED', 'ToClosed'],
] as const)('a transition to %s is counted as %s', async (to, name) => {
  const { lines } = await publish(({ onTransition }) => onTransition(transition(to)));
  expect(lines[0]).toMatchObject({ [name]: 1 });
});

test('a fallback is counted', async () => {
  const { lines } = await publish(({ onFallback }) => onFallback());
  expect(lines[0]).toMatchObject({ Fallback: 1 });
});

test('from the loss of the store until its return, every call is marked', async () => {
  const { lines } = await publish(({ onCall, onStoreChange }) => {
    onStoreChange({ name: 'recommendations', available: false });
    onCall(call({}));
    onCall(call({}));
    onStoreChange({ name: 'recommendations', available: true });
    onCall(call({}));
  });
  expect(lines[0]).toMatchObject({ StoreUnavailable: [1, 1, 0] });
});

test('an invocation without a call writes nothing', async () => {
  expect(await publish(() => {})).toMatchObject({ lines: [], end: { statusCode: 200 } });
});

test('metrics are written even where the handler fails', async () => {
  const { lines, end } = await publish(({ onFallback }) => {
    onFallback();
    throw new Error('a mistake');
  });
  expect(end).toEqual(new Error('a mistake'));
  expect(lines).toHaveLength(1);
});
