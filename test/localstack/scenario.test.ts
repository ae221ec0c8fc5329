import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import * as stack from './deployment.ts';

const HANG_MS = 4_000;
const CALL_TIMEOUT_MS = 2_000;
const THRESHOLD = 3;
const CROWD = THRESHOLD + 2;
const SOON = { timeout: 30_000, interval: 500 };

let outputs: Record<string, string>;
let iamIsChecked: boolean;

beforeAll(async () => {
  if (!stack.endpoint) return;
  const health = await fetch(`${stack.endpoint}/_localstack/health`);
  iamIsChecked = ((await health.json()) as { auth?: string }).auth === 'enabled';
  outputs = await stack.deploy();
  await crowd(); // the first start of each environment may take longer than a call of v2 does
  await complete('V1');
  await complete('V2');
});
beforeEach(({ skip }) => skip(!stack.endpoint, stack.noEndpoint));
afterAll(async () => {
  if (stack.isDeployed()) await stack.destroy();
  stack.forget();
});

interface Body {
  readonly product: { readonly id: string };
  readonly recommendations: readonly unknown[];
  readonly degradedMode: boolean;
  readonly message: string;
}

async function get(output: string, path = '') {
  const startedAtMs = performance.now();
  const response = await fetch(`${outputs[output]}${path}`);
  const body = (await response.json()) as Body;
  return { status: response.status, body, tookMs: performance.now() - startedAtMs };
}

const details = (gateway: string, id = '1') =>
  get(`Gateway${gateway}Url`, `/product-details/${id}`);

/** Requests at the same time. An environment serves one at a time, so each of them has its own. */
const crowd = () => Promise.all(Array.from({ length: CROWD }, () => details('V2')));

const complete = (gateway: string) =>
  vi.waitFor(async () => expect((await details(gateway)).body.degradedMode).toBe(false), SOON);

const hasWaited = ({ tookMs }: { tookMs: number }) => tookMs >= CALL_TIMEOUT_MS;

async function tableItems() {
  const scan = new ScanCommand({ TableName: outputs.CircuitTableName });
  const { Items } = await new DynamoDBClient(stack.client).send(scan);
  return Items ?? [];
}

test.each(['V1', 'V2'])(
  'gateway %s answers a product with its recommendations',
  async (gateway) => {
    const { status, body } = await details(gateway);
    expect(status).toBe(200);
    expect(body.product.id).toBe('1');
    expect(body.recommendations.length).toBeGreaterThan(0);
    expect(body.degradedMode).toBe(false);
  },
);

test.each([
  ['V1', '999', 404],
  ['V2', '999', 404],
  ['V1', 'one', 400],
  ['V2', 'one', 400],
])('gateway %s answers for product %s with %i', async (gateway, id, status) => {
  expect((await details(gateway, id)).status).toBe(status);
});

test.for([
  ['ProductUrl', '/products/1'],
  ['RecommendationsUrl', '/recommendations/1'],
] as const)('%s refuses a request that is not signed', async ([output, path], { skip }) => {
  skip(!iamIsChecked, 'this emulator does not check IAM');
  expect((await get(output, path)).status).toBe(403);
});

test('healthy calls write nothing', async () => {
  const before = await tableItems();
  await crowd();
  expect(await tableItems()).toEqual(before);
});

test('while recommendations hang, v1 waits for them and then fails', async () => {
  await stack.fault('on', '--hang-ms', String(HANG_MS));
  const { status, body, tookMs } = await details('V1');
  expect(status).toBe(500);
  expect(body.message).toBe('Failed to get recommendations');
  expect(tookMs).toBeGreaterThanOrEqual(HANG_MS);
});

test('environments that see one failure each trip the circuit together', async () => {
  const { generation } = await stack.circuit('status');
  const answers = await crowd();
  for (const { status, body } of answers) {
    expect(status).toBe(200);
    expect(body).toMatchObject({ recommendations: [], degradedMode: true });
  }
  expect(answers.filter(hasWaited).length).toBeGreaterThanOrEqual(THRESHOLD);
  const tripped = { state: 'OPEN', generation: generation + 1, reason: expect.any(String) };
  expect(await stack.circuit('status')).toMatchObject(tripped);
  const { body } = await get('CircuitStatusUrl');
  expect(body).toMatchObject({ state: 'OPEN', store: 'available' });
  expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['reason']));
});

test('then no environment waits for the recommendations, save one that probes', async () => {
  const answers = await crowd();
  expect(answers.every(({ body }) => body.degradedMode)).toBe(true);
  expect(answers.filter(hasWaited).length).toBeLessThanOrEqual(1);
});

test('the table holds this circuit and nothing else', async () => {
  const items = await tableItems();
  expect(items).toEqual([
    expect.objectContaining({
      pk: { S: 'recommendations' },
      reason: { S: expect.stringContaining('CallTimeoutError') },
      updatedBy: { S: expect.stringMatching(/./) },
    }),
  ]);
});

test('once recommendations answer again, the circuit closes by itself', async () => {
  await stack.fault('off');
  await complete('V2');
  expect(await stack.circuit('status')).toMatchObject({ state: 'CLOSED', store: 'available' });
});

test('the logs tell the whole outage, and who made each transition', async () => {
  const told = (question: string) => stack.logs(question, '--since', '10m');
  const recovered =
    /CLOSED -> OPEN +trip .*CallTimeoutError.*HALF_OPEN -> CLOSED +recover .* by \S/s;
  await expect.poll(() => told('transitions'), SOON).toMatch(recovered);
  await expect.poll(() => told('errors'), SOON).toContain('recommendations call failed');
  expect(await told('slow')).toContain('/recommendations/{id} 408');
});

test('an operator opens the circuit for the whole fleet, and releases it', async () => {
  await stack.circuit('force-open', '--reason', 'trial');
  const areDegraded = async () => (await crowd()).every(({ body }) => body.degradedMode);
  await expect.poll(areDegraded, SOON).toBe(true);
  await stack.circuit('release');
  await complete('V2');
});

test('destroying the stack takes its functions and APIs away', async () => {
  await stack.destroy();
  const { RecommendationsFunctionName: FunctionName } = outputs;
  await expect(
    new LambdaClient(stack.client).send(new GetFunctionConfigurationCommand({ FunctionName })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  expect((await fetch(`${outputs.GatewayV2Url}/product-details/1`)).status).toBe(404);
});
