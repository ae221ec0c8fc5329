import { expect, test } from 'vitest';
import { recordingLog } from '../../test/support/log.ts';
import { lambdaContext, proxyEvent } from '../../test/support/proxy-event.ts';
import { createHandler } from './handler.ts';

const product = { id: '1', name: 'Lamp', price: 5, currency: 'EUR', description: 'Bright.' };
const list = [{ id: '2', name: 'Desk' }];

interface Services {
  readonly fetchProduct?: () => Promise<typeof product | undefined>;
  readonly fetchRecommendations?: () => Promise<typeof list>;
}

async function getDetails(services: Services = {}) {
  const handler = createHandler({
    fetchProduct: async () => product,
    fetchRecommendations: async () => list,
    ...services,
    log: recordingLog().log,
    now: () => Date.UTC(2024, 0, 2, 3, 4, 5, 6),
  });
  const event = proxyEvent({ resource: '/product-details/{id}', id: '1' });
  const { statusCode, body } = await handler(event, lambdaContext());
  return { statusCode, body: JSON.parse(body) };
}
const failing = async () => {
  throw new Error('connect ECONNREFUSED 10.0.0.1:443');
};

test('a product is answered with its recommendations', async () => {
  expect(await getDetails()).toEqual({
    statusCode: 200,
    body: {
      product,
      recommendations: list,
      degradedMode: false,
      timestamp: '2024-01-02T03:04:05.006Z',
    },
  });
});

test('recommendations are asked only after the product has answered', async () => {
  const calls: string[] = [];
  await getDetails({
    fetchProduct: async () => {
      calls.push('product asked');
      await new Promise(setImmediate);
      calls.push('product answered');
      return product;
    },
    fetchRecommendations: async () => {
      calls.push('recommendations asked');
      return list;
    },
  });
  expect(calls).toEqual(['product asked', 'product answered', 'recommendations asked']);
});

test('any failure of recommendations fails the whole request, and nothing internal leaks', async () => {
  expect(await getDetails({ fetchRecommendations: failing })).toEqual({
    statusCode: 500,
    body: { error: 'Internal Server Error', message: 'Failed to get recommendations' },
  });
});

test('a failure of the product is 502, and nothing internal leaks', async () => {
  expect(await getDetails({ fetchProduct: failing })).toEqual({
    statusCode: 502,
    body: { error: 'Bad Gateway', message: 'Failed to get product' },
  });
});

test('an unknown product is 404, without asking for recommendations', async () => {
  let asked = false;
  const fetchRecommendations = async () => {
    asked = true;
    return list;
  };
  const answer = await getDetails({ fetchProduct: async () => undefined, fetchRecommendations });
  expect(answer).toEqual({
    statusCode: 404,
    body: { error: 'Not Found', message: 'There is no product 1' },
  });
  expect(asked).toBe(false);
});
