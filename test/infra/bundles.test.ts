import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { proxyEvent } from '../support/proxy-event.ts';
import { bundledFunctions, copyAway, invokeBundle } from './bundles.ts';
import { ofType, templateFor } from './template.ts';

const functions = bundledFunctions();
const scratch = mkdtempSync(join(tmpdir(), 'fleet-breaker-bundles-'));

const product = { id: '1', name: 'Lamp', price: 5, currency: 'EUR', description: 'Bright.' };
const list = [{ id: '2', name: 'Desk' }];

/** Both services at once; recommendations are down for product 500. */
const signed: string[] = [];
const correlated = new Set<unknown>();
const services = createServer(({ url, headers }, response) => {
  if (headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) signed.push(url ?? '');
  correlated.add(headers['x-correlation-id']);
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
  correlated.clear();
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

type Call = Parameters<typeof proxyEvent>[0];

async function invoke(part: string, call: Call, changes = {}) {
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

test.each(functions)(
  'the bundle of $part is one file that people can read, without a map',
  ({ folder }) => {
    expect(readdirSync(folder)).toEqual(['index.mjs']);
    const code = readFileSync(join(folder, 'index.mjs'), 'utf8');
    expect(code.length / code.split('\n').length).toBeLessThan(80);
    expect(code).toContain('function createHandler(');
  },
);

test('a stack trace in the log names functions and lines', async () => {
  const { log } = await invoke('gateway-v2', { resource: '/product-details/{id}', id: '500' });
  const { error } = log.map((line) => JSON.parse(line)).find(({ level }) => level === 'ERROR');
  expect(error.stack).toMatch(/at fetchRecommendations\d* \(.*index\.mjs:\d{3,}:\d{1,2}\)/);
});

// Every byte that is read at the start is waited for by the first user of an environment. The limits are
// a third above what there is; who goes beyond them has brought something big along, such as a second client.
test.each([
  ['product', 110_000],
  ['recommendations', 110_000],
  ['gateway-v1', 159_000],
  ['gateway-v2', 1_350_000],
])('the code of %s is below %i bytes', (part, limit) => {
  const folder = functions.find((one) => one.part === part)?.folder ?? '';
  expect(statSync(join(folder, 'index.mjs')).size).toBeLessThan(limit);
});

test('the SDK is in the bundle of gateway-v2 alone', () => {
  const withSdk = functions.filter(({ folder }) =>
    readFileSync(join(folder, 'index.mjs'), 'utf8').includes('DynamoDB_20120810'),
  );
  expect(withSdk.map(({ part }) => part)).toEqual(['gateway-v2']);
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

test.each(['gateway-v1', 'gateway-v2'])(
  'every line that %s logs of a request, and every call it makes, has the id that came with it',
  async (part) => {
    const call = { resource: '/product-details/{id}', id: '500', correlationId: 'checkout-7' };
    const { log } = await invoke(part, call);
    expect([...correlated]).toEqual(['checkout-7']);
    const lines = log.map((line) => JSON.parse(line));
    expect(lines.map(({ message }) => message)).toContain('answered');
    for (const line of lines) expect(line).toMatchObject({ correlation_id: 'checkout-7' });
  },
);

test('a request leaves its metrics in the log of gateway-v2, under the circuit', async () => {
  const { log } = await invoke('gateway-v2', { resource: '/product-details/{id}', id: '500' });
  const metrics = log.map((line) => JSON.parse(line)).filter(({ _aws }) => _aws);
  expect(metrics).toEqual([
    expect.objectContaining({
      circuit: 'recommendations',
      service: 'gateway-v2',
      CallFailed: 1,
      Fallback: 1,
    }),
  ]);
});

test('what the saved queries ask about requests is in the lines of a request', async () => {
  const { log } = await invoke('gateway-v2', { resource: '/product-details/{id}', id: '500' });
  const fields = new Set(log.flatMap((line) => Object.keys(JSON.parse(line))));
  const queries = ofType(templateFor(), 'AWS::Logs::QueryDefinition').map(
    ({ Properties }): [string, string] => [Properties.Name, Properties.QueryString],
  );
  const query = (name: string) => queries.find(([path]) => path.endsWith(`/${name}`))?.[1] ?? '';
  const [, listed = ''] = /fields @timestamp, (.*)/.exec(query('slowest-requests')) ?? [];
  expect([...fields]).toEqual(expect.arrayContaining(listed.split(', ')));
  const asked = [...query('degraded-share-per-minute').matchAll(/ispresent\((\w+)\)/g)];
  expect([...fields]).toEqual(expect.arrayContaining(asked.map(([, field]) => field)));
});

test.each(['gateway-v1', 'gateway-v2'])(
  'the log of %s tells neither who asked nor what the instance may do',
  async (part) => {
    const call = { resource: '/product-details/{id}', id: '500' };
    const { log } = await invoke(part, call);
    expect(log.length).toBeGreaterThan(1);
    for (const secret of ['192.0.2.1', 'curl/8.5.0', 'AKIDEXAMPLE', 'AWS4-HMAC', 'secret']) {
      expect(log.join('\n')).not.toContain(secret);
    }
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
    body: { state: 'CLOSED', store: 'unavailable' },
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
