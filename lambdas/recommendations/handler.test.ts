import { expect, test } from 'vitest';
import { recordingLog } from '../../test/support/log.ts';
import { lambdaContext, proxyEvent } from '../../test/support/proxy-event.ts';
import { products } from '../shared/products.ts';
import type { Fault } from './fault.ts';
import { createHandler } from './handler.ts';

async function getRecommendations(id: string, fault?: Fault) {
  const handler = createHandler({ fault, log: recordingLog().log, now: () => 0 });
  const event = proxyEvent({ resource: '/recommendations/{id}', id });
  const { statusCode, body } = await handler(event, lambdaContext());
  return { statusCode, body: JSON.parse(body) };
}

test.each(products)(
  'product $id has related products, by id and name, and never itself',
  async ({ id }) => {
    const { statusCode, body } = await getRecommendations(id);
    expect(statusCode).toBe(200);
    expect(body.length).toBeGreaterThan(0);
    for (const item of body) {
      const known = products.find((product) => product.id === item.id);
      expect(item).toEqual({ id: known?.id, name: known?.name });
      expect(known?.category).toBe(products.find((product) => product.id === id)?.category);
      expect(item.id).not.toBe(id);
    }
  },
);

test('the same product has the same recommendations every time', async () => {
  expect(await getRecommendations('1')).toEqual(await getRecommendations('1'));
});

test('an unknown product is 404', async () => {
  expect(await getRecommendations('999')).toEqual({
    statusCode: 404,
    body: { error: 'Not Found', message: 'There is no product 999' },
  });
});

const everyCall = { percent: 100, untilMs: Number.POSITIVE_INFINITY, random: () => 0.999 };

test('with the fault on, a call hangs for its whole time and then times out: 408', async () => {
  let wake = () => {};
  const slept: number[] = [];
  const sleep = (ms: number) => {
    slept.push(ms);
    return new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
  let answered = false;
  const answer = getRecommendations('1', { ...everyCall, hangMs: 30_000, sleep }).finally(() => {
    answered = true;
  });
  await new Promise(setImmediate);
  expect(slept).toEqual([30_000]);
  expect(answered).toBe(false);
  wake();
  expect(await answer).toEqual({
    statusCode: 408,
    body: { error: 'Request Timeout', message: 'Service timeout' },
  });
});

test.each([
  [50, 0.499, 408],
  [50, 0.5, 200],
  [0, 0, 200],
])('at %i percent a call that draws %f is answered with %i', async (percent, drawn, status) => {
  const fault = { ...everyCall, hangMs: 0, percent, random: () => drawn, sleep: async () => {} };
  expect((await getRecommendations('1', fault)).statusCode).toBe(status);
});

test.each([
  [1, 408],
  [0, 200],
  [-1, 200],
])('%i ms before its end the fault answers %i', async (leftMs, status) => {
  const fault = { ...everyCall, untilMs: leftMs, hangMs: 0, sleep: async () => {} };
  expect((await getRecommendations('1', fault)).statusCode).toBe(status);
});
