/** The recipes of docs/recipes.md: what is printed there is what runs here. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { CreateTableCommand, PutItemCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { SQSEvent } from 'aws-lambda';
import { CircuitOpenError, createBreaker, memoryStore } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { breakerIn } from 'fleet-breaker/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { takeOne } from '../examples/aws-sdk.ts';
import { getPrice } from '../examples/axios.ts';
import { ShopStack } from '../examples/cdk.ts';
import { guardedBy } from '../examples/decorator.ts';
import { getAll } from '../examples/fan-out.ts';
import { getRecommendations } from '../examples/fetch.ts';
import { hedged } from '../examples/hedging.ts';
import { type GuardedContext, guarding } from '../examples/middy.ts';
import { getOffer } from '../examples/nested-calls.ts';
import { handleBatch } from '../examples/sqs-batch.ts';
import { describeEngines } from './stores/engines.ts';

const BREAKER = join(import.meta.dirname, '..');
const T = 2;

const newBreaker = (options: object = {}) =>
  createBreaker({
    name: 'downstream',
    store: memoryStore(),
    failureThreshold: T,
    failureRate: 1,
    ...options,
  });

/** What the server does with the next requests; 200 afterwards. */
let answers: ((response: ServerResponse) => void)[] = [];
let requests = 0;
const server = createServer((_, response) => {
  requests++;
  const answer = answers.shift() ?? status(200);
  answer(response);
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const status = (code: number) => (response: ServerResponse) => {
  response.writeHead(code, { 'content-type': 'application/json' }).end('{"price":7}');
};

describe('docs/recipes.md', () => {
  const page = readFileSync(join(BREAKER, 'docs/recipes.md'), 'utf8');
  const printed = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

  it.each(readdirSync(join(BREAKER, 'examples')))('prints %s as it is', (file) => {
    expect(printed).toContain(readFileSync(join(BREAKER, 'examples', file), 'utf8'));
  });

  it('prints nothing else as code to use', () => {
    expect(printed).toHaveLength(readdirSync(join(BREAKER, 'examples')).length);
  });
});

describe('fetch', () => {
  const remainingMs = () => 10_000;

  it('answers none while the service is down, and does not call it any more', async () => {
    const breaker = newBreaker();
    answers = [status(503), status(503)];
    requests = 0;
    for (let i = 0; i < 4; i++)
      expect(await getRecommendations(breaker, url, remainingMs)).toEqual([]);
    expect(requests).toBe(T);
    expect(await breaker.status()).toMatchObject({ state: 'OPEN', reason: '2 x HTTP 503' });
  });

  it('throws what is the fault of one request, and does not count it', async () => {
    const breaker = newBreaker();
    answers = Array.from({ length: 5 }, () => status(404));
    for (let i = 0; i < 5; i++)
      await expect(getRecommendations(breaker, url, remainingMs)).rejects.toThrow('No recom');
    expect(await breaker.status()).toMatchObject({ state: 'CLOSED' });
  });

  it('gives up a body that never ends', async () => {
    const breaker = newBreaker({ callTimeoutMs: 200 });
    answers = [(response) => response.writeHead(200).write('["a",')];
    expect(await getRecommendations(breaker, url, remainingMs)).toEqual([]);
    expect(await breaker.status()).toMatchObject({ reason: 'failing: CallTimeoutError' });
  });
});

it('axios: counts by the status of its error', async () => {
  const breaker = newBreaker();
  answers = [status(404), status(404), status(404), status(500), status(500)];
  for (let i = 0; i < 5; i++) await expect(getPrice(breaker, url)).rejects.toThrow('status code');
  await expect(getPrice(breaker, url)).rejects.toThrow('is OPEN (2 x HTTP 500)');
  await breaker.close('mended');
  await expect(getPrice(breaker, url)).resolves.toBe(7);
});

describeEngines((engine) => {
  it('AWS SDK: lost conditions are answers, however many', async () => {
    const { client } = engine();
    const tableName = 'stock';
    const KeySchema = [{ AttributeName: 'id', KeyType: 'HASH' as const }];
    const AttributeDefinitions = [{ AttributeName: 'id', AttributeType: 'S' as const }];
    const BillingMode = 'PAY_PER_REQUEST' as const;
    const table = { TableName: tableName, KeySchema, AttributeDefinitions, BillingMode };
    await client.send(new CreateTableCommand(table));
    const wait = { client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 };
    await waitUntilTableExists(wait, { TableName: tableName });
    const Item = { id: { S: 'a' }, amount: { N: '1' } };
    await client.send(new PutItemCommand({ TableName: tableName, Item }));
    const breaker = newBreaker({ callTimeoutMs: 10_000 });
    const taken: boolean[] = [];
    for (let i = 0; i < 4; i++) taken.push(await takeOne({ breaker, client, tableName }, 'a'));
    expect(taken).toEqual([true, false, false, false]);
    expect(await breaker.status()).toMatchObject({ state: 'CLOSED', reason: 'never written' });
  });

  it('A function and its test: three files that make one function', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', engine().endpoint);
    for (const name of ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
      vi.stubEnv(name, 'local');
    vi.stubEnv('CIRCUIT_TABLE', engine().tableName);
    vi.stubEnv('RECOMMENDATIONS_URL', url);
    vi.resetModules();
    const { handler } = await import('../examples/lambda.ts');
    const context = { getRemainingTimeInMillis: () => 10_000 };
    answers = [(response) => response.writeHead(200).end('["a"]'), status(503)];
    expect(await handler({ id: '1' }, context)).toEqual({ items: ['a'] });
    expect(await handler({ id: '1' }, context)).toEqual({ items: [] });
    vi.unstubAllEnvs();
    const { client, tableName } = engine();
    const store = dynamoStore({ client, tableName });
    const item = await store.read('recommendations', { consistent: true });
    expect(item).toMatchObject({ state: 'CLOSED', reason: 'failing: HTTP 503' });
  });

  it('Powertools: a failed call is counted, and so is its fallback', async () => {
    // Otherwise Powertools writes around the console, or nothing where somebody develops.
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const { observedBreaker, recommend } = await import('../examples/powertools.ts');
    const breaker = observedBreaker(engine().client, engine().tableName);
    expect(await recommend(breaker, () => Promise.reject(new Error('no')))).toEqual([]);
    const written = log.mock.calls.map(([line]) => JSON.parse(line));
    log.mockRestore();
    vi.unstubAllEnvs();
    expect(written).toMatchObject([{ circuit: 'recommendations', CallFailed: 1, Fallback: 1 }]);
  });
});

describe('middy', () => {
  const context = () => ({ getRemainingTimeInMillis: () => 10_000 }) as GuardedContext;

  it('gives the handler a call in the time that is left, and reads ahead', async () => {
    const middleware = guarding(breakerIn('CLOSED').breaker);
    const request = { context: context(), error: null };
    middleware.before(request);
    expect(await request.context.guarded(() => 'value')).toBe('value');
  });

  it('answers for a refused call with 503 and how long to wait', async () => {
    const middleware = guarding(breakerIn('OPEN', { openMs: 4_500 }).breaker);
    const request = { context: context(), error: null, response: undefined };
    middleware.before(request);
    const error = await request.context.guarded(() => 'value').catch((thrown) => thrown);
    const failed = { ...request, error };
    middleware.onError(failed);
    expect(failed.response).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
  });

  it('leaves every other error alone', () => {
    const request = { context: context(), error: new Error('no'), response: undefined };
    guarding(newBreaker()).onError(request);
    expect(request.response).toBeUndefined();
  });
});

it('Decorator: the method is called on its object, with its arguments, and is refused', async () => {
  const breaker = newBreaker({ failureThreshold: 1 });
  class Prices {
    readonly currency = 'EUR';
    // As `@guardedBy(breaker)` makes it; the set-ups of the packed library compile the real thing.
    readonly get = guardedBy(breaker)(async function (this: Prices, id: string) {
      if (id === 'bad') throw new Error('no');
      return `${id} in ${this.currency}`;
    }, undefined);
  }
  const prices = new Prices();
  expect(await prices.get('a')).toBe('a in EUR');
  await expect(prices.get('bad')).rejects.toThrow('no');
  await expect(prices.get('a')).rejects.toBeInstanceOf(CircuitOpenError);
});

it('CDK: the function may read and write its own circuit, and somebody is told', () => {
  const code = Code.fromInline('exports.handler = async () => {};');
  const template = Template.fromStack(new ShopStack(new App(), 'Shop', { code }));
  template.resourceCountIs('AWS::DynamoDB::Table', 1);
  template.resourceCountIs('AWS::CloudWatch::Dashboard', 1);
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  expect(alarms.map(({ Properties }) => Properties.AlarmActions.length)).toEqual([1, 1, 1, 1]);
  const keys = { 'dynamodb:LeadingKeys': ['recommendations', 'recommendations#mirror-*'] };
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: [{ Condition: { 'ForAllValues:StringLike': keys } }] },
  });
});

it('SQS: what could not be delivered goes back, and an open circuit lets nothing through', async () => {
  const breaker = newBreaker();
  const bodies = ['good', 'bad', 'bad', 'late', 'later'];
  const Records = bodies.map((body, i) => ({ body, messageId: `m${i}` }));
  const delivered: string[] = [];
  const deliver = async (body: string) => {
    delivered.push(body);
    if (body === 'bad') throw new Error('not taken');
  };
  const response = await handleBatch(breaker, { Records } as SQSEvent, deliver);
  expect(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
    'm1',
    'm2',
    'm3',
    'm4',
  ]);
  expect(delivered).toEqual(['good', 'bad', 'bad']);
});

describe('Hedging', () => {
  const hang = (signal: AbortSignal) =>
    new Promise<string>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });

  it('answers with the faster call; the slower is given up and does not count', async () => {
    const breaker = newBreaker();
    for (let i = 0; i < 2 * T; i++) {
      let calls = 0;
      const call = (signal: AbortSignal) => (++calls === 1 ? hang(signal) : Promise.resolve('b'));
      await expect(hedged(breaker, call, 1)).resolves.toBe('b');
      expect(calls).toBe(2);
    }
    expect(await breaker.status()).toMatchObject({ state: 'CLOSED', reason: 'never written' });
  });

  it('does not call twice where the first answer comes soon', async () => {
    let calls = 0;
    const call = async () => `${++calls}`;
    await expect(hedged(newBreaker(), call, 1_000)).resolves.toBe('1');
    expect(calls).toBe(1);
  });
});

it('Fan-out: the first failure ends the others, and it alone counts', async () => {
  const breaker = newBreaker();
  const get = (id: string, signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      if (id === 'good') resolve(id);
      if (id === 'bad') reject(new Error('bad'));
    });
  await expect(getAll(breaker, ['hangs', 'hangs', 'bad', 'hangs'], get)).rejects.toThrow('bad');
  await new Promise((resolve) => setImmediate(resolve));
  expect(await breaker.status()).toMatchObject({ state: 'CLOSED', streakScore: 1 });
  await expect(getAll(breaker, ['good', 'good'], get)).resolves.toEqual(['good', 'good']);
});

it('Nested calls: the whole is the probe, and counts once', async () => {
  const breaker = newBreaker();
  await breaker.forceOpen('drill');
  await breaker.release();
  const get = async (path: string) => Number(path.split('/').at(-1));
  await expect(getOffer(breaker, get, ['1', '2', '3'])).resolves.toBe(6);
  expect(await breaker.status()).toMatchObject({ state: 'CLOSED', reason: 'the probe succeeded' });
  const fail = () => Promise.reject(new Error('no'));
  await getOffer(breaker, fail, ['1', '2', '3']).catch(() => {});
  expect(await breaker.status()).toMatchObject({ state: 'CLOSED', streakScore: 1 });
});
