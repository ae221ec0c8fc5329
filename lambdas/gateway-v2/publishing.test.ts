import { Metrics } from '@aws-lambda-powertools/metrics';
import { expect, test } from 'vitest';
import { lambdaContext, proxyEvent } from '../../test/support/proxy-event.ts';
import { publishing } from './publishing.ts';

/** What an invocation writes into the log for CloudWatch to read; and how the invocation ended. */
async function publish(happen: (metrics: Metrics) => void) {
  const metrics = new Metrics({ namespace: 'fleet-breaker/test', serviceName: 'gateway-v2' });
  const lines: ReturnType<Metrics['serializeMetrics']>[] = [];
  const publishStoredMetrics = () => {
    lines.push(metrics.serializeMetrics());
    return metrics;
  };
  const stored = {
    addMetadata: metrics.addMetadata.bind(metrics),
    hasStoredMetrics: () => metrics.hasStoredMetrics(),
    publishStoredMetrics,
  };
  const handler = publishing(stored, async () => {
    happen(metrics);
    return { statusCode: 200, body: '' };
  });
  const end = await handler(proxyEvent({ resource: '/' }), lambdaContext()).catch((error) => error);
  return { lines, end };
}

test('metrics are written with the id by which the request is found', async () => {
  const { lines } = await publish((metrics) => metrics.addMetric('Fallback', 'Count', 1));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ Fallback: 1, correlation_id: expect.stringMatching(/./) });
});

test('an invocation without a call writes nothing', async () => {
  expect(await publish(() => {})).toMatchObject({ lines: [], end: { statusCode: 200 } });
});

test('metrics are written even where the handler fails', async () => {
  const { lines, end } = await publish((metrics) => {
    metrics.addMetric('Fallback', 'Count', 1);
    throw new Error('a mistake');
  });
  expect(end).toEqual(new Error('a mistake'));
  expect(lines).toHaveLength(1);
});
