import { once } from 'node:events';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureTemplate } from '../../local/testdata/assembly.ts';
import { type FixtureCloud, startFixtureCloud } from '../../local/testdata/fixture-cloud.ts';

const TEMPLATE = fixtureTemplate({
  internal: { handler: 'index.echo', authorization: 'AWS_IAM' },
  item: { handler: 'index.echo', path: ['items', '{id}'], method: 'ANY' },
  rest: { handler: 'index.echo', path: ['rest', '{proxy+}'] },
  slow: { handler: 'index.slow', integration: { TimeoutInMillis: 200 } },
  moody: { handler: 'index.moody' },
});

type Echo = { event: Record<string, unknown> };

describe('a REST API', () => {
  let cloud: FixtureCloud;
  beforeAll(async () => {
    cloud = await startFixtureCloud(TEMPLATE);
  });
  afterAll(() => cloud.close());

  const eventOf = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${cloud.url}${path}`, init);
    return ((await response.json()) as Echo).event;
  };

  /** Not by `fetch`, which sends no header with every name. */
  const rawEventOf = async (path: string, header: [string, string]) => {
    const sent = request(`${cloud.url}${path}`, { headers: ['Host', 'localhost', ...header] });
    const [response] = await once(sent.end(), 'response');
    return ((await json(response)) as Echo).event;
  };

  it('hands the function the request as a version 1.0 proxy event', async () => {
    const headers = { 'X-One': 'a', 'User-Agent': 'tester' };
    expect(await eventOf('/items/4%202?a=1&a=2&b=', { headers })).toMatchObject({
      resource: '/items/{id}',
      path: '/items/4%202',
      httpMethod: 'GET',
      headers: { 'X-One': 'a', 'X-Forwarded-For': '127.0.0.1', 'X-Forwarded-Proto': 'http' },
      multiValueHeaders: { 'X-One': ['a'] },
      queryStringParameters: { a: '2', b: '' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: [''] },
      pathParameters: { id: '4 2' },
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
      requestContext: {
        accountId: '000000000000',
        httpMethod: 'GET',
        path: '/test/items/4%202',
        resourcePath: '/items/{id}',
        stage: 'test',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        identity: { sourceIp: '127.0.0.1', userAgent: 'tester' },
      },
    });
  });

  it('says null where the request has nothing', async () => {
    expect(await eventOf('/items/1')).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
    });
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    'takes %s for a name like any other, in a query and in a header',
    async (name) => {
      const event = await rawEventOf(`/items/1?${name}=a&${name}=b`, [name, 'c']);
      expect(Object.entries(event.queryStringParameters ?? {})).toEqual([[name, 'b']]);
      const multiple = Object.entries(event.multiValueQueryStringParameters ?? {});
      expect(multiple).toEqual([[name, ['a', 'b']]]);
      const headers = new Map(Object.entries(event.multiValueHeaders ?? {}));
      expect(headers.get(name)).toEqual(['c']);
    },
  );

  it('passes the body and the method on', async () => {
    const event = await eventOf('/items/1', { method: 'POST', body: '{"a":1}' });
    expect(event).toMatchObject({ httpMethod: 'POST', body: '{"a":1}' });
  });

  it('gives a greedy parameter the rest of the path', async () => {
    expect(await eventOf('/rest/a/b')).toMatchObject({ pathParameters: { proxy: 'a/b' } });
  });

  it('has every path with and without the name of the stage', async () => {
    expect(await eventOf('/test/items/1')).toMatchObject({
      path: '/items/1',
      requestContext: { path: '/test/items/1' },
    });
  });

  it.each([
    ['GET', '/nothing'],
    ['GET', '/items'],
    ['POST', '/moody'],
  ])('answers 403 for itself to what it does not have: %s %s', async (method, path) => {
    const response = await fetch(`${cloud.url}${path}`, { method });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: 'Missing Authentication Token' });
  });

  it('answers 502 to a malformed result', async () => {
    expect(await cloud.get('/moody?how=malformed')).toEqual({
      status: 502,
      body: { message: 'Internal server error' },
    });
  });

  it('answers 504 at its integration limit while the function goes on', async () => {
    expect(await cloud.get('/slow?ms=700')).toEqual({
      status: 504,
      body: { message: 'Endpoint request timed out' },
    });
    const log = () => cloud.logs('slow').join();
    expect(log()).not.toContain('slow has finished');
    await expect.poll(log, { timeout: 5000 }).toMatch(/slow has finished\nEND .*\nREPORT /);
  });

  it('serves a request without a signature everywhere, unless it is told to check', async () => {
    expect((await fetch(`${cloud.url}/internal`)).status).toBe(200);
    const strict = await startFixtureCloud(TEMPLATE, { enforceIam: true });
    expect(await strict.get('/internal')).toEqual({
      status: 403,
      body: { message: 'Missing Authentication Token' },
    });
    expect((await strict.get('/items/1')).status).toBe(200);
    await strict.close();
  });

  it('can be reached as localhost and as 127.0.0.1, and nowhere else', async () => {
    const { port } = new URL(cloud.url);
    expect((await fetch(`http://127.0.0.1:${port}/moody`)).status).toBe(200);
    expect((await fetch(`http://localhost:${port}/moody`)).status).toBe(200);
    await expect(fetch(`http://127.0.0.2:${port}/moody`)).rejects.toThrow('fetch failed');
  });
});
