import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import { expect, test } from 'vitest';
import { refusal, type SignedRequest } from './signature.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 18, 57, 11);
const MISMATCH = 'The request signature we calculated does not match the signature you provided.';

interface Signing {
  readonly url?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly client?: Partial<ConstructorParameters<typeof AwsClient>[0]>;
  readonly atMs?: number;
}

/** By another library than the one that checks it. */
async function sign({
  url,
  body = '',
  headers,
  client,
  atMs = NOW_MS,
}: Signing = {}): Promise<SignedRequest> {
  const service = { service: 'execute-api', region: 'us-east-1' };
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'local' };
  const signed = await new AwsClient({ ...service, ...credentials, ...client }).sign(
    url ?? 'http://127.0.0.1:8081/demo/items/1',
    {
      method: body ? 'POST' : 'GET',
      headers: { 'x-correlation-id': 'a  b', ...headers },
      ...(body && { body }),
      aws: { datetime: new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, '') },
    },
  );
  return {
    method: signed.method,
    url: new URL(signed.url),
    headers: { ...Object.fromEntries(signed.headers), host: new URL(signed.url).host },
    body,
  };
}

test.each([
  'http://127.0.0.1:8081/demo/items/1',
  'http://localhost:8081/demo/items/4%202/(a)*',
  'http://127.0.0.1:8081/demo/items?b=2&a=1%2B1&a=0&c=',
  'http://127.0.0.1:8081/demo/items?constructor=1&toString=2',
])('a request to %s passes as it was signed', async (url) => {
  expect(await refusal(await sign({ url }), NOW_MS)).toBeUndefined();
});

test('a body is part of what is signed', async () => {
  const request = await sign({ body: '{"a":1}' });
  expect(await refusal(request, NOW_MS)).toBeUndefined();
  expect(await refusal({ ...request, body: '{"a":2}' }, NOW_MS)).toBe(MISMATCH);
});

test('a hash that is sent along must be the one of the body', async () => {
  const headers = { 'x-amz-content-sha256': createHash('sha256').update('{"a":1}').digest('hex') };
  const request = await sign({ body: '{"a":1}', headers });
  expect(await refusal(request, NOW_MS)).toBeUndefined();
  expect(await refusal({ ...request, body: '{"a":2}' }, NOW_MS)).toBe(MISMATCH);
});

test('a request may be five minutes old, or ahead, and no more', async () => {
  for (const [ageS, reason] of [
    [-301, 'Signature expired: 20261123T190212Z'],
    [-300, undefined],
    [300, undefined],
    [301, 'Signature expired: 20261123T185210Z'],
  ] as const) {
    expect(await refusal(await sign({ atMs: NOW_MS - ageS * 1000 }), NOW_MS)).toBe(reason);
  }
});

const withHeaders = (changes: Record<string, string | undefined>) => (request: SignedRequest) => ({
  ...request,
  headers: { ...request.headers, ...changes },
});
const atUrl = (url: string) => (request: SignedRequest) => ({ ...request, url: new URL(url) });

test.each<[string, (request: SignedRequest) => SignedRequest, string]>([
  [
    'without a signature',
    withHeaders({ authorization: undefined }),
    'Missing Authentication Token',
  ],
  ['of another scheme', withHeaders({ authorization: 'Bearer a' }), 'Missing Authentication Token'],
  ['without a date', withHeaders({ 'x-amz-date': undefined }), 'Missing Authentication Token'],
  ['with no date', withHeaders({ 'x-amz-date': 'today' }), 'Signature expired: today'],
  ['with another header', withHeaders({ 'x-correlation-id': 'c' }), MISMATCH],
  ['with another token', withHeaders({ 'x-amz-security-token': 'stolen' }), MISMATCH],
  ['for another path', atUrl('http://127.0.0.1:8081/demo/items/2'), MISMATCH],
  ['with a query', atUrl('http://127.0.0.1:8081/demo/items/1?a=1'), MISMATCH],
  ['by another method', (request) => ({ ...request, method: 'PUT' }), MISMATCH],
])('a request %s is refused', async (_, change, reason) => {
  expect(await refusal(change(await sign()), NOW_MS)).toBe(reason);
});

test.each([
  [{ accessKeyId: 'nobody' }, 'The security token included in the request is invalid.'],
  [{ secretAccessKey: 'guessed' }, MISMATCH],
  [{ region: 'eu-north-1' }, 'Credential should be scoped'],
  [{ service: 'dynamodb' }, 'Credential should be scoped'],
])('a request signed with %j is refused', async (client, reason) => {
  expect(await refusal(await sign({ client }), NOW_MS)).toContain(reason);
});
