import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { OversizedAnswerError, serviceClient } from './service-client.ts';
import { signerFor } from './signer.ts';

const credentials = {
  AWS_REGION: 'eu-north-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
};
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function clientOf(listener: RequestListener, env: Record<string, string> = credentials) {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return serviceClient({
    baseUrl: `http://127.0.0.1:${port}/demo`,
    sign: signerFor(env),
    headers: () => ({ 'x-correlation-id': 'abc', 'x-amzn-trace-id': 'Root=1' }),
    fetch,
  });
}

test('a request is signed for API Gateway with the credentials of the environment', async () => {
  const get = await clientOf(
    ({ url, headers }, response) => response.end(JSON.stringify({ url, headers })),
    { ...credentials, AWS_SESSION_TOKEN: 'token' },
  );
  const { body } = await get('/products/1', AbortSignal.timeout(5_000));
  expect(body).toMatchObject({
    url: '/demo/products/1',
    headers: {
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-north-1\/execute-api\/aws4_request, .*Signature=[0-9a-f]{64}$/,
      ),
      'x-amz-security-token': 'token',
      'x-correlation-id': 'abc',
      'x-amzn-trace-id': 'Root=1',
    },
  });
});

test('an error answer is an answer', async () => {
  const get = await clientOf((_, response) => response.writeHead(503).end('{"error":"down"}'));
  expect(await get('/', AbortSignal.timeout(5_000))).toEqual({
    status: 503,
    body: { error: 'down' },
  });
});

test('a body that is not JSON is undefined', async () => {
  const get = await clientOf((_, response) => response.end('<html>'));
  expect(await get('/', AbortSignal.timeout(5_000))).toEqual({ status: 200, body: undefined });
});

test('the signal also cuts off a body that never ends', async () => {
  const deadline = new AbortController();
  const get = await clientOf((_, response) => {
    response.write('[');
    setImmediate(() => deadline.abort(new Error('too late')));
  });
  await expect(get('/', deadline.signal)).rejects.toThrow('too late');
});

test.each([301, 302, 303, 307, 308])(
  'a redirect (%i) is an answer: nothing is sent to where it points',
  async (status) => {
    let followed = 0;
    const elsewhere = createServer((_, response) => {
      followed += 1;
      response.end('[]');
    });
    servers.push(elsewhere);
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    const get = await clientOf((_, response) => response.writeHead(status, { location }).end());
    expect(await get('/', AbortSignal.timeout(5_000))).toEqual({ status, body: undefined });
    expect(followed).toBe(0);
  },
);

const ALLOWED_BYTES = 1_000_000;
/** A JSON text of that size. */
const listOf = (bytes: number) => `[${' '.repeat(bytes - 2)}]`;

test.each([200, 404, 500])('a body is read up to its bound, with status %i too', async (status) => {
  let bytes = ALLOWED_BYTES;
  const get = await clientOf((_, response) => response.writeHead(status).end(listOf(bytes)));
  expect(await get('/', AbortSignal.timeout(5_000))).toEqual({ status, body: [] });
  bytes += 1;
  await expect(get('/', AbortSignal.timeout(5_000))).rejects.toThrow(OversizedAnswerError);
});

test('the bound holds for the bytes after decompression', async () => {
  const get = await clientOf((_, response) =>
    response
      .writeHead(200, { 'content-encoding': 'gzip' })
      .end(gzipSync(listOf(ALLOWED_BYTES + 1))),
  );
  await expect(get('/', AbortSignal.timeout(5_000))).rejects.toThrow(OversizedAnswerError);
});

test('a connection whose answer was too large is given up', async () => {
  let ended = () => {};
  const hasEnded = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const get = await clientOf(({ socket }, response) => {
    socket.once('close', ended);
    response.write(listOf(ALLOWED_BYTES + 1));
  });
  await expect(get('/', AbortSignal.timeout(5_000))).rejects.toThrow(OversizedAnswerError);
  await hasEnded;
});

/** Ends the connection of the first `lost` requests without an answer, as one that died while it was kept. */
function losing(lost: number) {
  let requests = 0;
  const listener: RequestListener = ({ socket }, response) => {
    requests += 1;
    if (requests <= lost) socket.resetAndDestroy();
    else response.end('[]');
  };
  return { listener, countRequests: () => requests };
}

test('a request whose connection was lost is repeated once', async () => {
  const { listener, countRequests } = losing(1);
  const get = await clientOf(listener);
  expect(await get('/', AbortSignal.timeout(5_000))).toEqual({ status: 200, body: [] });
  expect(countRequests()).toBe(2);
});

test('a second lost connection is a failure', async () => {
  const { listener, countRequests } = losing(2);
  const get = await clientOf(listener);
  await expect(get('/', AbortSignal.timeout(5_000))).rejects.toThrow('fetch failed');
  expect(countRequests()).toBe(2);
});

test('a service that is not there is not asked again', async () => {
  let requests = 0;
  const get = serviceClient({
    baseUrl: 'http://127.0.0.1:9',
    sign: signerFor(credentials),
    headers: () => ({}),
    fetch: (...request) => {
      requests += 1;
      return fetch(...request);
    },
  });
  await expect(get('/', AbortSignal.timeout(5_000))).rejects.toThrow('fetch failed');
  expect(requests).toBe(1);
});

test('an environment without credentials is refused with every missing name', () => {
  expect(() => signerFor({ AWS_REGION: 'eu-north-1' })).toThrow(
    /AWS_ACCESS_KEY_ID is missing.*AWS_SECRET_ACCESS_KEY is missing/s,
  );
});
