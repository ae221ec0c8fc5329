import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serve } from '../local/serve.ts';
import { freePorts } from '../local/testdata/fixture-cloud.ts';
import type { Frame } from './frames.ts';
import { createPageServer } from './server.ts';

const frame = (atMs: number, isWhole = false): Frame => ({
  ...{ atMs, isWhole, cells: [], waiting: [], answers: [], transitions: [] },
  status: undefined,
});

describe('the server of the page', () => {
  let url: string;
  let close: () => Promise<unknown>;
  let next: Frame | undefined;
  const users: number[] = [];
  const watched: boolean[] = [];

  beforeAll(async () => {
    const port = (await freePorts('live')).get('live') ?? 0;
    const server = createPageServer({
      assets: { '/': { type: 'text/html', text: '<p>page</p>' } },
      source: {
        whole: () => frame(0, true),
        take: () => {
          const taken = next;
          next = undefined;
          return taken;
        },
      },
      runSwitch: async (id) => (id === 'broken' ? { isDone: false, said: 'no' } : undefined),
      setUsers: (count) => users.push(count),
      onWatched: (isWatched) => watched.push(isWatched),
    });
    const end = await serve(server.fetch, port);
    url = `http://127.0.0.1:${port}`;
    close = async () => {
      server.close();
      await end();
    };
  });
  afterAll(() => close());

  test('lets the page load nothing from elsewhere', async () => {
    const response = await fetch(url);
    expect(await response.text()).toBe('<p>page</p>');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('http');
  });

  test('sends the whole state first, then what is new, and is told who watches', async () => {
    const abort = new AbortController();
    const response = await fetch(`${url}/frames`, { signal: abort.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const read = async () => JSON.parse((await reader?.read())?.value?.replace('data: ', '') ?? '');
    expect(await read()).toMatchObject({ isWhole: true });
    expect(watched).toEqual([true]);
    next = frame(7);
    expect(await read()).toMatchObject({ atMs: 7, isWhole: false });
    abort.abort();
    await expect.poll(() => watched).toEqual([true, false]);
  });

  test.each([
    ['a name that leads to this machine', { host: 'example.org' }],
    ['a page of another site', { origin: 'http://example.org' }],
  ])('answers nobody who comes by way of %s', async (_, headers) => {
    expect(await statusOf(`${url}/switches/broken`, 'POST', headers)).toBe(403);
    expect(await statusOf(url, 'GET', headers)).toBe(403);
  });

  test.each([
    ['POST', '/switches/none', 404],
    ['POST', '/switches/broken', 502],
    ['PUT', '/users/9', 400],
    ['PUT', '/users/201', 400],
    ['PUT', '/users/x', 400],
    ['PUT', '/users/50', 200],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect(await statusOf(`${url}${path}`, method)).toBe(status);
    if (status === 200) expect(users).toEqual([50]);
  });
});

/** Not by `fetch`, which sends a host of its own. */
function statusOf(url: string, method: string, headers = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}
