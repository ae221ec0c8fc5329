import { expect, test } from 'vitest';
import { fetchProduct, fetchRecommendations, ServiceError } from './services.ts';

const product = { id: '1', name: 'Lamp', price: 5, currency: 'EUR', description: 'Bright.' };
const signal = new AbortController().signal;
const answering = (status: number, body: unknown) => async () => ({ status, body });

test('the product service is asked for the product by its id', async () => {
  const get = async (path: string) => ({ status: 200, body: { ...product, name: path } });
  expect(await fetchProduct(get, '7', signal)).toMatchObject({ name: '/products/7' });
});

test('an unknown product is no failure', async () => {
  expect(await fetchProduct(answering(404, {}), '1', signal)).toBeUndefined();
});

test.each([
  [500, product],
  [403, { message: 'Forbidden' }],
  [200, undefined],
  [200, null],
  [200, { ...product, price: '5' }],
  [200, { id: '1' }],
  [200, { ...product, price: Number.POSITIVE_INFINITY }],
  [200, [product]],
  [301, product],
])('a product answer of %i with %j is a failure', async (status, body) => {
  await expect(fetchProduct(answering(status, body), '1', signal)).rejects.toThrow(ServiceError);
});

test('the recommendations service is asked by the id of the product', async () => {
  const get = async (path: string) => ({ status: 200, body: [{ id: '2', name: path }] });
  expect(await fetchRecommendations(get, '7', signal)).toEqual([
    { id: '2', name: '/recommendations/7' },
  ]);
});

test.each([
  [200, undefined, undefined],
  [200, { message: 'hello' }, undefined],
  [200, [{ id: '2' }], undefined],
  [200, [{ id: '2', name: 'Lamp' }, null], undefined],
  [200, { length: 1, 0: { id: '2', name: 'Lamp' } }, undefined],
  [204, undefined, undefined],
  [302, [{ id: '2', name: 'Lamp' }], undefined],
  [404, [], 404],
  [408, [], 408],
  [429, [], 429],
  [500, [{ id: '2', name: 'Lamp' }], 500],
  [504, undefined, 504],
])(
  'a recommendations answer of %i with %j fails, telling the breaker status %s',
  async (status, body, told) => {
    await expect(fetchRecommendations(answering(status, body), '1', signal)).rejects.toMatchObject({
      name: 'ServiceError',
      status: told,
    });
  },
);

const nested = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
const hostile = (fields: object) => ({
  ...JSON.parse('{ "__proto__": { "isAdmin": true }, "constructor": 1, "toJSON": "x" }'),
  ...{ internalMargin: 0.4, nested },
  ...fields,
});

test('only the agreed fields of a product are taken, however the others are named and nested', async () => {
  const taken = await fetchProduct(answering(200, hostile(product)), '1', signal);
  expect(JSON.stringify(taken)).toBe(JSON.stringify(product));
  expect(taken).not.toHaveProperty('isAdmin');
});

test('only the agreed fields of a recommendation are taken', async () => {
  const body = [hostile({ id: '2', name: 'Desk' })];
  const taken = await fetchRecommendations(answering(200, body), '1', signal);
  expect(JSON.stringify(taken)).toBe('[{"id":"2","name":"Desk"}]');
});

test('of a long list as many are taken as a page can show, from its beginning', async () => {
  const body = Array.from({ length: 30_000 }, (_, index) => ({ id: String(index), name: 'Desk' }));
  const taken = await fetchRecommendations(answering(200, body), '1', signal);
  expect(taken).toEqual(body.slice(0, 100));
});
