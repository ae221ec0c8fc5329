import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { memoryStore } from 'fleet-breaker';
import { expect, test } from 'vitest';
import { firstRequestOut, lazyStore } from './lazy-store.ts';

const write = { operation: 'a', conditions: [], set: { generation: 1 } };

test('the store is loaded by its first use, once, however many use it at that moment', async () => {
  let loads = 0;
  const store = lazyStore(async () => {
    loads += 1;
    return memoryStore();
  });
  expect(loads).toBe(0);
  await Promise.all([store.write('x', write), store.read('x', { consistent: false })]);
  expect(await store.read('x', { consistent: true })).toEqual({ generation: 1 });
  expect(loads).toBe(1);
});

test('the wait for the first request ends when it has left, before its answer', async () => {
  const mayAnswer = Promise.withResolvers<void>();
  const server = createServer(async (_, response) => {
    await mayAnswer.promise;
    response.end();
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const out = firstRequestOut(60_000);
  const { port } = server.address() as AddressInfo;
  const answer = fetch(`http://127.0.0.1:${port}`);
  await out();
  mayAnswer.resolve();
  expect((await answer).status).toBe(200);
  server.close();
});

test('where no request leaves, the wait ends by itself', async () => {
  await firstRequestOut(1)();
});
