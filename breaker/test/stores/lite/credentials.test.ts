/** The credentials of a process, from its environment and from a container's endpoint on this machine. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CredentialSource, containerUrl } from '../../../src/stores/lite/credentials.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const SECRET = 'the-secret-of-the-container';
const VARIABLES = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
];

let source: CredentialSource;

beforeEach(() => {
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  source = new CredentialSource();
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

function stubEnv(variables: Record<string, string>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

describe('in the environment', () => {
  it('they are read anew each time', async () => {
    stubEnv({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
    expect(await source.current()).toEqual({ accessKeyId: 'a', secretAccessKey: 'b' });
    stubEnv({ AWS_ACCESS_KEY_ID: 'c', AWS_SECRET_ACCESS_KEY: 'd', AWS_SESSION_TOKEN: 'e' });
    const renewed = { accessKeyId: 'c', secretAccessKey: 'd', sessionToken: 'e' };
    expect(await source.current()).toEqual(renewed);
  });

  it.each([{}, { AWS_ACCESS_KEY_ID: 'a' }, { AWS_SECRET_ACCESS_KEY: SECRET }])(
    'there are none: what to do is said, and nothing of %j',
    async (variables) => {
      stubEnv(variables);
      const error = await source.current().catch((thrown) => thrown);
      expect(error).toMatchObject({ name: 'CredentialsProviderError' });
      expect(error.message).toMatch(/web identity or the role of an EC2 instance use dynamoStore/);
      expect(error.message).not.toContain(SECRET);
    },
  );
});

describe('of a container', () => {
  let server: Server;
  let answer: RequestListener;
  let received: (string | undefined)[];
  let issued: number;

  /** A new session with each request. */
  const session = (fields: object = {}) => ({
    AccessKeyId: 'ASIA',
    SecretAccessKey: SECRET,
    Token: `session-${++issued}`,
    Expiration: new Date(NOW + HOUR_MS).toISOString(),
    ...fields,
  });
  const json =
    (value: () => unknown, status = 200): RequestListener =>
    (_, response) => {
      response.writeHead(status).end(JSON.stringify(value()));
    };
  const tokenOf = async () => (await source.current()).sessionToken;

  beforeEach(async () => {
    received = [];
    issued = 0;
    answer = json(session);
    server = createServer((request, response) => {
      received.push(request.headers.authorization);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    stubEnv({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/v1/credentials` });
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  it('they are kept until five minutes before they expire', async () => {
    const credentials = await source.current();
    expect(credentials).toMatchObject({
      ...{ accessKeyId: 'ASIA', secretAccessKey: SECRET, sessionToken: 'session-1' },
    });
    vi.setSystemTime(NOW + HOUR_MS - 300_001);
    expect(await tokenOf()).toBe('session-1');
    expect(received).toEqual([undefined]);
  });

  it('they are renewed meanwhile in the five minutes before, and nobody waits for it', async () => {
    await source.current();
    vi.setSystemTime(NOW + HOUR_MS - 299_000);
    answer = json(() => session({ Expiration: new Date(NOW + 2 * HOUR_MS).toISOString() }));
    expect(await tokenOf()).toBe('session-1');
    await vi.waitFor(async () => expect(await tokenOf()).toBe('session-2'));
    expect(received).toHaveLength(2);
  });

  it('they serve until they expire though they cannot be renewed, and then that is an error', async () => {
    await source.current();
    answer = json(() => ({}), 500);
    vi.setSystemTime(NOW + HOUR_MS - 15_000);
    expect(await tokenOf()).toBe('session-1');
    await vi.waitFor(() => expect(received).toHaveLength(2));
    await sleep(50);
    expect(await tokenOf()).toBe('session-1');
    await sleep(50);
    expect(received).toHaveLength(2);
    vi.setSystemTime(NOW + HOUR_MS - 1);
    expect(await tokenOf()).toBe('session-1');
    await vi.waitFor(() => expect(received).toHaveLength(3));
    await sleep(50);
    vi.setSystemTime(NOW + HOUR_MS);
    await expect(source.current()).rejects.toThrow('answered HTTP 500');
    answer = json(session);
    expect(await tokenOf()).toBe('session-2');
  });

  it('they are asked for once, however many wait for them', async () => {
    const tokens = await Promise.all([tokenOf(), tokenOf(), tokenOf()]);
    expect(tokens).toEqual(['session-1', 'session-1', 'session-1']);
  });

  it('those of the environment come first', async () => {
    stubEnv({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' });
    await source.current();
    expect(received).toEqual([]);
  });

  it('the token is sent: the one of the file, as it is then, before the fixed one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'credentials-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const file = join(directory, 'token');
    stubEnv({ AWS_CONTAINER_AUTHORIZATION_TOKEN: 'fixed' });
    await source.current();
    stubEnv({ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file });
    for (const token of ['first', 'second\n']) {
      await writeFile(file, token);
      await new CredentialSource().current();
    }
    expect(received).toEqual(['fixed', 'first', 'second']);
  });

  it('a file that is not there is an error', async () => {
    stubEnv({ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(tmpdir(), 'no/token') });
    await expect(source.current()).rejects.toThrow('TOKEN_FILE cannot be read');
    expect(received).toEqual([]);
  });

  it('a token that would begin another header is sent nowhere, and not repeated', async () => {
    stubEnv({ AWS_CONTAINER_AUTHORIZATION_TOKEN: `${SECRET}\r\nx-other: 1` });
    const error = await source.current().catch((thrown) => thrown);
    expect(error.message).toContain('Invalid character in header content');
    expect(`${error.stack} ${error.cause.stack}`).not.toContain(SECRET);
    expect(received).toEqual([]);
  });

  it.each<[string, RequestListener]>([
    ['an error', json(() => ({ code: 'AccessDenied', message: SECRET }), 403)],
    ['a redirection', (_, response) => response.writeHead(302, { location: '/v1' }).end()],
    ['no JSON', (_, response) => response.end(SECRET)],
    ['JSON that is cut', (_, response) => response.end(`{"SecretAccessKey":"${SECRET}"`)],
    ['null', json(() => null)],
    ['no secret', json(() => session({ SecretAccessKey: '' }))],
    ['no token', json(() => session({ Token: undefined }))],
    ['a number for a key', json(() => session({ AccessKeyId: 5 }))],
    ['no expiration', json(() => session({ Expiration: 'soon' }))],
    ['a closed connection', (request) => request.socket.destroy()],
    ['more than can be credentials', (_, response) => response.end('x'.repeat(2 ** 21))],
  ])('%s is an error that repeats nothing of it', async (_, given) => {
    answer = given;
    const error = await source.current().catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'CredentialsProviderError' });
    expect(error.message).toMatch(/^the container's endpoint of credentials /);
    expect(`${error.stack} ${error.cause?.stack}`).not.toContain(SECRET);
    expect(received).toHaveLength(1);
  });
});

describe('the endpoint of a container', () => {
  it.each([
    ['https://credentials.example/v1'],
    ['http://127.0.0.1:9001/v1'],
    ['http://127.1.2.3/v1'],
    ['http://localhost/v1'],
    ['http://[::1]/v1'],
    ['http://169.254.170.2/v1'],
    ['http://169.254.170.23/v1'],
    ['http://[fd00:ec2::23]/v1'],
  ])('%s is asked', (url) => {
    stubEnv({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
    expect(containerUrl().href).toBe(url);
  });

  it.each([
    'http://credentials.example/v1',
    'http://127.0.0.1.example/v1',
    'http://localhost.example/v1',
    'http://169.254.169.254/v1',
    'http://10.0.0.1/v1',
    'http://127.0.0.1@credentials.example/v1',
    'ftp://127.0.0.1/v1',
    'file:///etc/passwd',
  ])('%s is not: a token would leave the machine in plain text', (url) => {
    stubEnv({ AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
    expect(containerUrl).toThrow('_FULL_URI leads to a host that is asked by https only');
  });

  it('a path is one of the host of ECS, and comes before a URL', () => {
    stubEnv({
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1/v1',
    });
    expect(containerUrl().href).toBe('http://169.254.170.2/v2/credentials/1');
  });

  it('a path that makes it another host is refused', () => {
    stubEnv({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '@credentials.example/v1' });
    expect(containerUrl).toThrow('_RELATIVE_URI leads to a host that is asked by https only');
  });

  it('what is no URL is refused, and not repeated', () => {
    stubEnv({ AWS_CONTAINER_CREDENTIALS_FULL_URI: SECRET });
    expect(containerUrl).toThrow('AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL');
    expect(containerUrl).not.toThrow(SECRET);
  });
});
