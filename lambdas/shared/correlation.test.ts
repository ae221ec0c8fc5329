import { expect, test } from 'vitest';
import { recordingLog } from '../../test/support/log.ts';
import { proxyEvent } from '../../test/support/proxy-event.ts';
import { correlationIdOf, onwardHeaders } from './correlation.ts';

const event = proxyEvent({ resource: '/things/{id}', id: '1' });
const withHeaders = (headers: Record<string, string>) => ({ ...event, headers });

test.each(['X-Correlation-Id', 'x-correlation-id'])('the id that came in %s is kept', (name) => {
  expect(correlationIdOf(withHeaders({ [name]: 'checkout_7-a' }))).toBe('checkout_7-a');
});

test.each(['', 'two words', 'a\nb', '"}', 'é', 'x'.repeat(65)])(
  'the id %j is not taken over: the request gets its own',
  (given) => {
    const id = event.requestContext.requestId;
    expect(correlationIdOf(withHeaders({ 'X-Correlation-Id': given }))).toBe(id);
    expect(correlationIdOf(withHeaders({}))).toBe(id);
  },
);

test('a call to a service carries the id and the trace of the request under way', () => {
  const { log } = recordingLog();
  const env: Record<string, string> = {};
  const headers = onwardHeaders(log, env);
  log.setCorrelationId('a');
  expect(headers()).toEqual({ 'x-correlation-id': 'a' });
  log.setCorrelationId('b');
  env._X_AMZN_TRACE_ID = 'Root=1-0-0;Parent=0;Sampled=1';
  expect(headers()).toEqual({
    'x-correlation-id': 'b',
    'x-amzn-trace-id': 'Root=1-0-0;Parent=0;Sampled=1',
  });
});
