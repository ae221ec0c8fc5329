import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { proxyEvent } from '../support/proxy-event.ts';
import { bundledFunctions, copyAway, invokeBundle } from './bundles.ts';

const functions = bundledFunctions();
const scratch = mkdtempSync(join(tmpdir(), 'fleet-breaker-bundles-'));

const product = { id: '1', name: 'Lamp', price: 5, currency: 'EUR', description: 'Bright.' };
const list = [{ id: '2', name: 'Desk' }];

/** Both services at once; recommendations are down for product 500. */
const signed: string[] = [];
const services = createServer(({ url, headers }, response) => {
  if (headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) signed.push(url ?? '');
  const body = url?.startsWith('/products/') ? product : list;
  response.writeHead(url === '/recommendations/500' ? 500 : 200).end(JSON.stringify(body));
});

beforeAll(() => new Promise<void>((ready) => services.listen(0, '127.0.0.1', ready)));
afterAll(() => {
  services.closeAllConnections();
  services.close();
  rmSync(scratch, { recursive: true });
});
beforeEach(() => {
  signed.length = 0;
});

/** What Lambda adds, and what the template leaves to CloudFormation. Nothing listens on port 9. */
function environmentOf(variables: Record<string, unknown>): Record<string, string> {
  const url = `http://127.0.0.1:${(services.address() as AddressInfo).port}`;
  const resolved = { PRODUCT_URL: url, RECOMMENDATIONS_URL: url, CIRCUIT_TABLE: 'circuits' };
  const literals = Object.entries(variables).filter(([, value]) => typeof value === 'string');
  const left = Object.keys(variables).filter((name) => typeof variables[name] !== 'string');
  expect(Object.keys(resolved)).toEqual(expect.arrayContaining(left));
  return {
    ...Object.fromEntries(literals),
    ...resolved,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9',
  };
}

async function invoke(part: string, call: { resource: string; id?: string }, changes = {}) {
  const found = functions.find((candidate) => candidate.part === part);
  if (!found) throw new Error(`the template has no function ${part}`);
  return invokeBundle({
    folder: copyAway(found.folder, scratch),
    handler: found.handler,
    env: { ...environmentOf(found.variables), ...changes },
    event: proxyEvent(call),
  });
}

test('the template has the bundles of four functions', () => {
  expect(functions.map(({ part }) => part).sort()).toEqual([
    'gateway-v1',
    'gateway-v2',
    'product',
    'recommendations',
  ]);
});

test.each(functions)('the bundle of $part is minified and has a map', ({ folder }) => {
  const file = join(folder, 'index.mjs');
  const code = readFileSync(file, 'utf8');
  expect(code.length / code.split('\n').length).toBeGreaterThan(200);
  expect(code).toMatch(/\/\/# sourceMappingURL=index\.mjs\.map\s*$/);
  const { sources, mappings } = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
  expect(sources).toContainEqual(expect.stringMatching(/lambdas\/[\w-]+\/handler\.ts$/));
  expect(mappings).not.toBe('');
});

test('the product bundle answers a product', async () => {
  const { status, body } = await invoke('product', { resource: '/products/{id}', id: '1' });
  expect(status).toBe(200);
  expect(body).toMatchObject({ id: '1', price: expect.any(Number) });
});

test('the recommendations bundle answers related products', async () => {
  const call = { resource: '/recommendations/{id}', id: '1' };
  const { status, body } = await invoke('recommendations', call);
  expect(status).toBe(200);
  expect(body).toContainEqual({ id: '2', name: expect.any(String) });
});

test('the recommendations bundle hangs and times out when its environment says so', async () => {
  const call = { resource: '/recommendations/{id}', id: '1' };
  const changes = { SIMULATE_FAILURE: 'true', FAILURE_HANG_MS: '20' };
  expect(await invoke('recommendations', call, changes)).toMatchObject({
    status: 408,
    body: { message: 'Service timeout' },
  });
});

test.each(['gateway-v1', 'gateway-v2'])(
  'the %s bundle asks both services with signed requests, even where DynamoDB cannot be reached',
  async (part) => {
    const { status, body } = await invoke(part, { resource: '/product-details/{id}', id: '1' });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { product, recommendations: list, degradedMode: false },
    });
    expect(signed).toEqual(['/products/1', '/recommendations/1']);
  },
);

test('without recommendations the v1 bundle fails, and the v2 bundle answers degraded', async () => {
  const call = { resource: '/product-details/{id}', id: '500' };
  expect(await invoke('gateway-v1', call)).toMatchObject({
    status: 500,
    body: { message: 'Failed to get recommendations' },
  });
  expect(await invoke('gateway-v2', call)).toMatchObject({
    status: 200,
    body: { product, recommendations: [], degradedMode: true },
  });
});

test('the v2 bundle tells the state of the circuit as it sees it', async () => {
  expect(await invoke('gateway-v2', { resource: '/circuit-status' })).toMatchObject({
    status: 200,
    body: { name: 'recommendations', state: 'CLOSED', store: 'unavailable' },
  });
});

test.each([
  ['recommendations', '/recommendations/{id}', { FAILURE_HANG_MS: 'long' }],
  ['gateway-v1', '/product-details/{id}', { PRODUCT_URL: '/products', CALL_TIMEOUT_MS: '0' }],
  ['gateway-v2', '/product-details/{id}', { CALL_TIMEOUT_MS: 'x', CIRCUIT_TABLE: '' }],
])(
  'the %s bundle refuses to start in a bad environment and names every variable',
  async (part, resource, changes) => {
    const failure = await invoke(part, { resource, id: '1' }, changes).catch((error) => error);
    for (const [name, value] of Object.entries(changes)) {
      expect(failure.message).toContain(`${name} is "${value}"`);
    }
  },
);
