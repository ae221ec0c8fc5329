/** The HTTP clients that people use, against a real server: what each failure counts as, and is called. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import axios from 'axios';
import axios16 from 'axios-1.6';
import { createBreaker, memoryStore } from 'fleet-breaker';
import got from 'got';
import ky from 'ky';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const AWS = {
  region: 'us-east-1',
  maxAttempts: 1,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};
const KEY = { TableName: 'items', Key: { pk: { S: 'a' } } };

/** A call as a caller would write it: no retries, and the breaker's signal passed on. */
type Client = (url: string, signal: AbortSignal) => Promise<unknown>;
const CLIENTS: Record<string, Client> = {
  fetch: (url, signal) => fetch(url, { signal }),
  undici: (url, signal) => request(url, { signal }),
  axios: (url, signal) => axios.get(url, { signal }),
  'axios 1.6': (url, signal) => axios16.get(url, { signal }),
  got: (url, signal) => got(url, { signal, retry: { limit: 0 } }),
  ky: (url, signal) => ky(url, { signal, retry: 0, timeout: false }),
  'AWS SDK': (endpoint, abortSignal) =>
    new DynamoDBClient({ ...AWS, endpoint }).send(new GetItemCommand(KEY), { abortSignal }),
};

let origin: string;
let closedPort: number;
const server = createServer((incoming, response) => {
  const [, does = '', type = ''] = incoming.url?.split('/') ?? [];
  if (does === 'hanging') return;
  if (does === 'reset') return void incoming.socket.resetAndDestroy();
  // The SDK ends its path with a slash.
  answer(response, Number(does), type || 'InternalServerError');
});

function answer(response: ServerResponse, status: number, type: string): void {
  const headers = { 'content-type': 'application/json', 'retry-after': '11' };
  const body = { __type: `com.amazonaws#${type}`, message: 'secret of a customer' };
  response.writeHead(status, headers).end(JSON.stringify(body));
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const closing = createServer();
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
  closedPort = (closing.address() as AddressInfo).port;
  await new Promise((resolve) => closing.close(resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const urlOf = (does: string) =>
  does === 'refused' ? `http://127.0.0.1:${closedPort}` : `${origin}/${does}`;

/** The state and reason after one call, which is enough to trip. */
async function after(call: (signal: AbortSignal) => unknown, callTimeoutMs = 5_000) {
  const breaker = createBreaker({
    name: 'downstream',
    store: memoryStore(),
    failureThreshold: 1,
    openMs: 1_000,
    callTimeoutMs,
  });
  await breaker.execute(call, { fallback: () => {} }).catch(() => {});
  const { state, reason, openDurationMs } = await breaker.status();
  return { state, reason, openDurationMs };
}

/** By what the server does: the reason of the trip, or undefined where it is none. */
const EXPECTED: Record<string, string | undefined> = {
  404: undefined,
  429: 'HTTP 429',
  500: 'HTTP 500',
  503: 'HTTP 503',
  refused: 'ECONNREFUSED',
  reset: 'ECONNRESET',
  hanging: 'CallTimeoutError',
};

describe.each(Object.entries(CLIENTS))('%s', (client, call) => {
  it.each(Object.entries(EXPECTED))('%s: %s', async (does, cause) => {
    const timeoutMs = does === 'hanging' ? 150 : 5_000;
    const { state, reason } = await after((signal) => call(urlOf(does), signal), timeoutMs);
    const isNamed = client === 'AWS SDK' && /^\d/.test(does);
    const name = isNamed ? ' InternalServerError' : '';
    expect([state, reason]).toEqual(
      cause ? ['OPEN', `1 x ${cause}${name}`] : ['CLOSED', 'never written'],
    );
  });

  it('503 with Retry-After: the circuit stays open for as long as that asks', async () => {
    const { openDurationMs } = await after((signal) => call(urlOf('503'), signal));
    expect(openDurationMs).toBe(11_000);
  });
});

/** The clients' own time limits, which end the call before the breaker's does. */
const LIMITED: [string, Client, string][] = [
  ['fetch', (url) => fetch(url, { signal: AbortSignal.timeout(100) }), 'TimeoutError'],
  ['undici', (url) => request(url, { headersTimeout: 100 }), 'UND_ERR_HEADERS_TIMEOUT'],
  ['axios', (url) => axios.get(url, { timeout: 100 }), 'ECONNABORTED'],
  ['axios 1.6', (url) => axios16.get(url, { timeout: 100 }), 'ECONNABORTED'],
  ['got', (url) => got(url, { retry: { limit: 0 }, timeout: { request: 100 } }), 'ETIMEDOUT'],
  ['ky', (url) => ky(url, { retry: 0, timeout: 100 }), 'TimeoutError'],
  [
    'AWS SDK',
    (endpoint) => {
      const requestHandler = { requestTimeout: 100, throwOnRequestTimeout: true };
      return new DynamoDBClient({ ...AWS, endpoint, requestHandler }).send(new GetItemCommand(KEY));
    },
    'ETIMEDOUT',
  ],
];

it.each(LIMITED)(
  "%s: its own time limit is a failure, by the client's name",
  async (_, call, is) => {
    const { state, reason } = await after((signal) => call(urlOf('hanging'), signal));
    expect([state, reason]).toEqual(['OPEN', `1 x ${is}`]);
  },
);

describe('The AWS SDK', () => {
  const dynamo = (does: string) => {
    const client = new DynamoDBClient({ ...AWS, endpoint: urlOf(does) });
    return after(() => client.send(new GetItemCommand(KEY)));
  };

  it.each([
    '400/ThrottlingException',
    '400/ProvisionedThroughputExceededException',
    '400/RequestLimitExceeded',
    '400/RequestTimeout',
  ])('counts throttling whatever its status: %s', async (does) => {
    const { state, reason } = await dynamo(does);
    expect([state, reason]).toEqual(['OPEN', `1 x HTTP ${does.replace('/', ' ')}`]);
  });

  it.each([
    '400/ConditionalCheckFailedException',
    '400/ValidationException',
    '400/TransactionConflictException',
    '400/ResourceNotFoundException',
    '403/AccessDeniedException',
  ])("counts nothing that is the caller's: %s", async (does) => {
    expect((await dynamo(does)).state).toBe('CLOSED');
  });

  it('counts an Invoke that answers FunctionError, though its status is 200', async () => {
    const function_ = createServer((_, response) => {
      response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end('{}');
    });
    await new Promise<void>((resolve) => function_.listen(0, '127.0.0.1', resolve));
    const { port } = function_.address() as AddressInfo;
    const client = new LambdaClient({ ...AWS, endpoint: `http://127.0.0.1:${port}` });
    const invoke = () => client.send(new InvokeCommand({ FunctionName: 'f' }));
    const { state, reason } = await after(invoke);
    function_.close();
    expect([state, reason]).toEqual(['OPEN', '1 x FunctionError Unhandled']);
  });
});
