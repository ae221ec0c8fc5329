import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createBreaker, memoryStore } from 'fleet-breaker';
import { expect, test } from 'vitest';
import { recordingLog } from '../../test/support/log.ts';
import { lambdaContext, proxyEvent } from '../../test/support/proxy-event.ts';
import { ServiceError } from '../shared/services.ts';
import { departure } from './departure.ts';
import { createHandler } from './handler.ts';

const product = { id: '1', name: 'Lamp', price: 5, currency: 'EUR', description: 'Bright.' };
const list = [{ id: '2', name: 'Desk' }];
const degraded = {
  statusCode: 200,
  body: {
    product,
    recommendations: [],
    degradedMode: true,
    timestamp: '2024-01-02T03:04:05.006Z',
  },
};

interface Services {
  readonly fetchProduct?: () => Promise<typeof product | undefined>;
  readonly fetchRecommendations?: (id: string, signal: AbortSignal) => Promise<typeof list>;
}

function createGateway(services: Services = {}) {
  const { log, messages } = recordingLog();
  let fallbacks = 0;
  const breaker = createBreaker({
    name: 'recommendations',
    store: memoryStore(),
    failureThreshold: 3,
    failureRate: 1,
  });
  const handler = createHandler({
    breaker,
    fetchProduct: async () => product,
    fetchRecommendations: async () => list,
    onFallback: () => {
      fallbacks += 1;
    },
    ...services,
    log,
    now: () => Date.UTC(2024, 0, 2, 3, 4, 5, 6),
    departure,
  });
  const get = async (resource: string, id?: string, remainingMs?: number) => {
    const event = proxyEvent({ resource, ...(id && { id }) });
    const { statusCode, body } = await handler(event, lambdaContext(remainingMs));
    return { statusCode, body: JSON.parse(body) };
  };
  return {
    messages,
    countFallbacks: () => fallbacks,
    breaker,
    getDetails: (id = '1', remainingMs?: number) => get('/product-details/{id}', id, remainingMs),
    getStatus: () => get('/circuit-status'),
  };
}

const failing = (error: Error) => async () => {
  throw error;
};

test('a product is answered with its recommendations', async () => {
  expect(await createGateway().getDetails()).toEqual({
    statusCode: 200,
    body: { ...degraded.body, recommendations: list, degradedMode: false },
  });
});

test('failed recommendations leave the product, and nothing internal leaks', async () => {
  const fetchRecommendations = failing(new Error('connect ECONNREFUSED 10.0.0.1:443'));
  const { getDetails, messages, countFallbacks } = createGateway({ fetchRecommendations });
  expect(await getDetails()).toEqual(degraded);
  expect(messages).toContain('recommendations call failed');
  expect(countFallbacks()).toBe(1);
});

test('after three failures the service is not asked any more, and the status says OPEN', async () => {
  let calls = 0;
  const fetchRecommendations = async () => {
    calls++;
    throw new Error('down');
  };
  const { getDetails, getStatus, messages } = createGateway({ fetchRecommendations });
  expect(await getStatus()).toMatchObject({
    statusCode: 200,
    body: { state: 'CLOSED' },
  });
  for (let request = 1; request <= 10; request++) expect(await getDetails()).toEqual(degraded);
  expect(calls).toBe(3);
  expect(messages).toContain('recommendations call refused by the circuit');
  expect(await getStatus()).toMatchObject({ statusCode: 200, body: { state: 'OPEN' } });
});

test.each([400, 403, 404])(
  'a service that answers %i is not failing: degraded, but the circuit stays closed',
  async (status) => {
    const error = new ServiceError('recommendations', { status, body: undefined });
    const { getDetails, getStatus } = createGateway({ fetchRecommendations: failing(error) });
    for (let request = 1; request <= 10; request++) expect(await getDetails()).toEqual(degraded);
    expect(await getStatus()).toMatchObject({ body: { state: 'CLOSED' } });
  },
);

test('an answer that broke the agreement counts as a failure', async () => {
  const error = new ServiceError('recommendations', { status: 200, body: 'hello' });
  const { getDetails, getStatus } = createGateway({ fetchRecommendations: failing(error) });
  for (let request = 1; request <= 3; request++) expect(await getDetails()).toEqual(degraded);
  expect(await getStatus()).toMatchObject({ body: { state: 'OPEN' } });
});

test('the public status tells what callers meet, and neither who did it nor why', async () => {
  const gateway = createGateway();
  const never = { state: 'CLOSED', store: 'available' };
  expect(await gateway.getStatus()).toEqual({ statusCode: 200, body: never });
  await gateway.breaker.forceOpen('INC-42: Jane is on it', Date.now() + 60_000);
  expect(await gateway.getStatus()).toEqual({
    statusCode: 200,
    body: {
      state: 'OPEN',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      retryAfterMs: expect.any(Number),
      store: 'available',
    },
  });
});

test('the circuit is read while the product is asked, once its request has left', async () => {
  const order: string[] = [];
  const service = createServer((_, response) => response.end('{}'));
  await once(service.listen(0, '127.0.0.1'), 'listening');
  const { port } = service.address() as AddressInfo;
  const onSent = () => order.push('product request');
  const gateway = createGateway({
    fetchProduct: async () => {
      await (await fetch(`http://127.0.0.1:${port}`)).text();
      order.push('product');
      return product;
    },
  });
  const prefetch = gateway.breaker.prefetch.bind(gateway.breaker);
  gateway.breaker.prefetch = () => {
    order.push('circuit');
    return prefetch();
  };
  await gateway.getDetails();
  // From here on its connection is a kept one, as usual.
  order.length = 0;
  subscribe('undici:client:sendHeaders', onSent);
  await gateway.getDetails();
  unsubscribe('undici:client:sendHeaders', onSent);
  service.close();
  expect(order).toEqual(['product request', 'circuit', 'product']);
});

test('a call is not started when Lambda is about to end the function', async () => {
  let asked = false;
  const fetchRecommendations = async () => {
    asked = true;
    return list;
  };
  expect(await createGateway({ fetchRecommendations }).getDetails('1', 100)).toEqual(degraded);
  expect(asked).toBe(false);
});

test('a failure of the product is 502, and nothing internal leaks', async () => {
  const fetchProduct = failing(new Error('connect ECONNREFUSED 10.0.0.1:443'));
  expect(await createGateway({ fetchProduct }).getDetails()).toEqual({
    statusCode: 502,
    body: { error: 'Bad Gateway', message: 'Failed to get product' },
  });
});

test('an unknown product is 404', async () => {
  const gateway = createGateway({ fetchProduct: async () => undefined });
  expect(await gateway.getDetails('999')).toEqual({
    statusCode: 404,
    body: { error: 'Not Found', message: 'There is no product 999' },
  });
});
