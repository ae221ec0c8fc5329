/** What is the store's own: its requests as they arrive, what it does not take for an answer, and what it imports. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Signer } from '../../../src/stores/lite/signature.ts';

const MAX_BUNDLE_BYTES = 100_000;
const SECRET = 'the-secret-of-the-function';
const consistent = { consistent: true };

let server: Server;
let answer: (response: ServerResponse) => void;
let received: { request: IncomingMessage; body: string }[];

beforeEach(async () => {
  received = [];
  answer = (response) => response.end('{}');
  server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    received.push({ request, body: Buffer.concat(chunks).toString() });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'ASIA');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', `http://127.0.0.1:${portOf(server)}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const portOf = (of: Server) => (of.address() as AddressInfo).port;
const store = () => dynamoLiteStore({ tableName: 'circuits' });

describe('A request', () => {
  it('is signed for what arrives, with the credentials and the time of now', async () => {
    const reading = store();
    vi.stubEnv('AWS_SESSION_TOKEN', 'later-session');
    const sentAtMs = Date.now();
    await reading.read('naïve→😀', consistent);
    const [{ request, body } = { request: undefined, body: '' }] = received;
    const { authorization, host, 'content-type': type, ...headers } = request?.headers ?? {};
    const [, year, month, day, ...clock] =
      /^(....)(..)(..)T(..)(..)(..)Z$/.exec(String(headers['x-amz-date'])) ?? [];
    const nowMs = Date.parse(`${year}-${month}-${day}T${clock.join(':')}Z`);
    expect(Math.abs(nowMs - sentAtMs)).toBeLessThan(5_000);
    const signed = new Signer({ region: 'eu-west-1', service: 'dynamodb' }).sign({
      headers: {
        host: `127.0.0.1:${portOf(server)}`,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'DynamoDB_20120810.GetItem',
      },
      body,
      credentials: {
        ...{ accessKeyId: 'ASIA', secretAccessKey: SECRET, sessionToken: 'later-session' },
      },
      nowMs,
    });
    expect({ authorization, host, 'content-type': type, ...headers }).toMatchObject(signed);
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
    expect(JSON.parse(body)).toMatchObject({ Key: { pk: { S: 'naïve→😀' } } });
  });

  it('comes over the connection of the one before', async () => {
    const reading = store();
    for (let i = 0; i < 5; i++) await reading.read('name', consistent);
    expect(new Set(received.map(({ request }) => request.socket.remotePort)).size).toBe(1);
  });

  it('has at most fifty others beside it', async () => {
    const reading = store();
    let atOnce = 0;
    answer = (response) => {
      server.getConnections((_, count) => {
        atOnce = Math.max(atOnce, count);
        response.end('{}');
      });
    };
    await Promise.all(Array.from({ length: 120 }, () => reading.read('name', consistent)));
    expect(received).toHaveLength(120);
    expect(atOnce).toBe(50);
  });

  it('is not made without credentials', async () => {
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    await expect(store().read('name', consistent)).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'unavailable',
      message: expect.stringMatching(
        /^CredentialsProviderError: there are no credentials in .*SSO/,
      ),
    });
    expect(received).toEqual([]);
  });

  it('is not made with a token that would begin another header, and the token is not repeated', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', `${SECRET}\r\nx-other: 1`);
    const error = await store()
      .read('name', consistent)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    expect(`${error.stack} ${error.cause.stack}`).not.toContain(SECRET);
    expect(received).toEqual([]);
  });
});

describe('No answer is', () => {
  it.each<[string, (response: ServerResponse) => void, string]>([
    ['HTML', (response) => response.writeHead(502).end('<html>'), 'HTTP 502, without an object'],
    ['nothing', (response) => response.writeHead(204).end(), 'HTTP 204, without an object'],
    ['null', (response) => response.end('null'), 'HTTP 200, without an object'],
    ['a list', (response) => response.end('[]'), 'HTTP 200, without an object'],
    ['JSON that is cut', (response) => response.end('{"Item"'), 'HTTP 200, without an object'],
    ['an item that is text', (response) => response.end('{"Item":"a"}'), 'with an item that is no'],
    ['an item of null', (response) => response.end('{"Item":null}'), 'with an item that is none'],
    [
      'an attribute of null',
      (response) => response.end('{"Item":{"pk":null}}'),
      'with an item that is none',
    ],
  ])('%s', async (_, given, says) => {
    answer = given;
    await expect(store().read('name', consistent)).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'unavailable',
      message: expect.stringMatching(new RegExp(`^UnexpectedAnswerError: .*${says}`)),
    });
  });

  it('more than 1 MiB, and its connection is closed', async () => {
    const reading = store();
    let closed = false;
    answer = (response) => {
      response.on('close', () => {
        closed = true;
      });
      response.write(`{"Item":{"pk":{"S":"${'x'.repeat(2 ** 20)}`);
    };
    await expect(reading.read('name', consistent)).rejects.toMatchObject({
      message: 'AnswerTooLongError: more than 1048576 bytes',
    });
    await vi.waitFor(() => expect(closed).toBe(true));
  });

  it('one that comes in drops for more than a second', async () => {
    const drops: NodeJS.Timeout[] = [];
    answer = (response) => {
      response.write('{');
      drops.push(setInterval(() => response.write(' '), 50));
    };
    const startedAtMs = performance.now();
    await expect(store().read('name', consistent)).rejects.toMatchObject({
      message: 'TimeoutError: no answer within 1000 ms',
    });
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    for (const drop of drops) clearInterval(drop);
  });

  it('a redirection, and where it leads is not asked', async () => {
    answer = (response) =>
      response
        .writeHead(307, { location: `http://127.0.0.1:${portOf(server)}/elsewhere` })
        .end('{}');
    await expect(store().read('name', consistent)).rejects.toMatchObject({
      message: 'UnknownError: HTTP 307',
    });
    expect(received).toHaveLength(1);
  });

  it('a message of any length', async () => {
    answer = (response) =>
      response
        .writeHead(400)
        .end(JSON.stringify({ __type: 'a#ValidationException', Message: 'x'.repeat(100_000) }));
    const error = await store()
      .read('name', consistent)
      .catch((thrown) => thrown);
    expect(error.message).toBe(`ValidationException: ${'x'.repeat(1_000)}`);
  });
});

it('A minified bundle with the breaker in it is small, and has nothing of the SDK', async () => {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `
        import { createBreaker } from 'fleet-breaker';
        import { dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';
        const store = dynamoLiteStore({ tableName: 'circuits' });
        export const breaker = createBreaker({ name: 'bundled', store });`,
      resolveDir: join(import.meta.dirname, '../../../..'),
    },
    ...{
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      minify: true,
    },
    conditions: ['fleet-breaker-source'],
  });
  const [{ contents } = { contents: new Uint8Array() }] = outputFiles;
  expect(contents.length).toBeLessThan(MAX_BUNDLE_BYTES);
  expect(Buffer.from(contents).toString()).not.toMatch(/@aws-sdk|@smithy/);
  const inputs = Object.keys(metafile.inputs).filter((input) => input !== '<stdin>');
  expect(inputs.filter((input) => !input.startsWith('breaker/src/'))).toEqual([]);
});
