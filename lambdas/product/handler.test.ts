import { expect, test } from 'vitest';
import { recordingLog } from '../../test/support/log.ts';
import { lambdaContext, proxyEvent } from '../../test/support/proxy-event.ts';
import { products } from '../shared/products.ts';
import { createHandler } from './handler.ts';

const handler = createHandler({ log: recordingLog().log, now: () => 0 });

async function getProduct(id: string) {
  const event = proxyEvent({ resource: '/products/{id}', id });
  const { statusCode, body } = await handler(event, lambdaContext());
  return { statusCode, body: JSON.parse(body) };
}

test('the shop has at least twenty products with different names', () => {
  expect(new Set(products.map(({ name }) => name)).size).toBeGreaterThanOrEqual(20);
});

test.each(products)(
  'product $id has a name, a price with its currency, and a description',
  async ({ id, name }) => {
    const { statusCode, body } = await getProduct(id);
    expect(statusCode).toBe(200);
    expect(body).toEqual({
      id,
      name,
      price: expect.any(Number),
      currency: 'EUR',
      description: expect.stringMatching(/^[A-Z].{20,}\.$/),
    });
    expect(body.price).toBeGreaterThan(0);
    expect(String(body.price)).toMatch(/^\d+(\.\d{1,2})?$/);
  },
);

test('an unknown product is 404', async () => {
  expect(await getProduct('999')).toEqual({
    statusCode: 404,
    body: { error: 'Not Found', message: 'There is no product 999' },
  });
});
