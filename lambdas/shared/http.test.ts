import { expect, test } from 'vitest';
import { recordingLog } from '../../test/support/log.ts';
import { lambdaContext, proxyEvent } from '../../test/support/proxy-event.ts';
import { json, serve, withProductId } from './http.ts';

const { log, messages } = recordingLog();
const handler = serve({
  routes: { '/things/{id}': withProductId(async (id) => json(200, { id })) },
  log,
  now: () => 0,
});
const call = async (event: Parameters<typeof proxyEvent>[0]) => {
  const answer = await handler(proxyEvent(event), lambdaContext());
  return { ...answer, body: JSON.parse(answer.body) };
};

test('a known route is answered as JSON and leaves one line in the log', async () => {
  messages.length = 0;
  expect(await call({ resource: '/things/{id}', id: '12' })).toEqual({
    statusCode: 200,
    headers: { 'content-type': 'application/json', 'x-correlation-id': expect.any(String) },
    body: { id: '12' },
  });
  expect(messages).toEqual(['answered']);
});

test('the correlation id of the request is in the log and in the answer', async () => {
  const event = proxyEvent({ resource: '/things/{id}', id: '1' });
  const headers = { 'X-Correlation-Id': 'checkout-7' };
  const answer = await handler({ ...event, headers }, lambdaContext());
  expect(answer.headers).toMatchObject({ 'x-correlation-id': 'checkout-7' });
  expect(log.getCorrelationId()).toBe('checkout-7');
});

test.each(['/', '/other', 'toString'])('there is nothing at %s: 404', async (resource) => {
  expect(await call({ resource })).toMatchObject({
    statusCode: 404,
    headers: { 'content-type': 'application/json' },
    body: { error: 'Not Found', message: expect.any(String) },
  });
});

test.each(['POST', 'PUT', 'DELETE', 'HEAD'])(
  '%s on a known route is refused: 405',
  async (method) => {
    expect(await call({ resource: '/things/{id}', id: '1', method })).toMatchObject({
      statusCode: 405,
      headers: { 'content-type': 'application/json', allow: 'GET' },
      body: { error: 'Method Not Allowed', message: expect.any(String) },
    });
  },
);

test.each(['', '0', '01', '-1', '1.5', 'abc', '1 ', '../1', '1234567890', '1e3'])(
  'the malformed id "%s" is refused: 400',
  async (id) => {
    expect(await call({ resource: '/things/{id}', id })).toMatchObject({
      statusCode: 400,
      body: { error: 'Bad Request', message: expect.any(String) },
    });
  },
);
