/** An answer that nobody reads lets its connection go. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FailedResultError } from 'fleet-breaker';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lone } from './lone.ts';

/** A Response whose body tells whether it was cancelled. */
function answer(status = 503) {
  const told = { cancelled: false };
  const body = new ReadableStream({
    cancel() {
      told.cancelled = true;
    },
  });
  return { response: new Response(body, { status }), told };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function fallBack(response: Response, fallback: (error: FailedResultError) => unknown) {
  const { breaker, time } = new Lone();
  const execution = breaker.execute(() => response, { fallback: fallback as () => unknown });
  const given = await time.until(execution.catch((error) => error));
  await settled();
  return given;
}

describe('A Response that counts as failed', () => {
  it('has its body cancelled once a fallback has answered', async () => {
    const { response, told } = answer();
    await expect(fallBack(response, () => [])).resolves.toEqual([]);
    expect(told.cancelled).toBe(true);
  });

  it.each<[string, (response: Response) => unknown]>([
    ['thrown', (response) => response],
    ['the cause of an error', (cause) => new Error('no', { cause })],
    ['the response of an error', (response) => Object.assign(new Error('no'), { response })],
  ])('does so, too, as %s', async (_, errorOf) => {
    const { response, told } = answer();
    const { breaker, time } = new Lone();
    const call = () => Promise.reject(errorOf(response));
    await time.until(breaker.execute<unknown>(call, { fallback: () => [] }));
    await settled();
    expect(told.cancelled).toBe(true);
  });

  it.each<[string, (response: Response) => unknown]>([
    ['the Response itself', (response) => response],
    ['its body', (response) => response.body],
  ])('is left alone when the fallback answers with %s', async (_, pick) => {
    const { response, told } = answer();
    const given = await fallBack(response, (error) => pick(error.cause as Response));
    expect(given).toBe(pick(response));
    expect(told.cancelled).toBe(false);
  });

  it('is left alone when the fallback reads it', async () => {
    const response = new Response('sorry', { status: 503 });
    const read = (error: FailedResultError) => (error.cause as Response).text();
    await expect(fallBack(response, read)).resolves.toBe('sorry');
  });

  it('is left alone when the fallback throws, perhaps with it', async () => {
    const { response, told } = answer();
    const given = await fallBack(response, (error) => {
      throw error;
    });
    expect(given).toBeInstanceOf(FailedResultError);
    expect(told.cancelled).toBe(false);
  });

  it("is the caller's without a fallback", async () => {
    const { response, told } = answer();
    const { breaker } = new Lone();
    await expect(breaker.execute(() => response)).resolves.toBe(response);
    await settled();
    expect(told.cancelled).toBe(false);
  });
});

it('A Response that comes after its call was given up has its body cancelled', async () => {
  const { response, told } = answer(200);
  const { breaker, time } = new Lone({ callTimeoutMs: 100 });
  const late = () => time.wait(500).then(() => response);
  await time.until(breaker.execute(late).catch(() => {}));
  await time.run(1_000);
  await settled();
  expect(told.cancelled).toBe(true);
});

describe("A fallback's own failure", () => {
  const fail = () => Promise.reject(new Error('of the call'));
  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('of the fallback');
      },
    ],
    ['rejects', () => Promise.reject(new Error('of the fallback'))],
  ])('is thrown, while onCall was told of the call: it %s', async (_, fallback) => {
    const records: object[] = [];
    const { breaker, time } = new Lone({ onCall: (record) => records.push(record) });
    const execution = time.until(breaker.execute(fail, { fallback }));
    await expect(execution).rejects.toThrow('of the fallback');
    expect(records).toMatchObject([{ outcome: 'failure', error: { message: 'of the call' } }]);
  });

  it('never counts: neither for a refused call, nor twice for a failed one', async () => {
    const lone = new Lone({ failureThreshold: 3 });
    const fallback = () => Promise.reject(new Error('of the fallback'));
    for (let i = 0; i < 2; i++)
      await lone.time.until(lone.breaker.execute(fail, { fallback }).catch(() => {}));
    expect(lone.item).toMatchObject({ state: 'CLOSED', streakScore: 2 });
  });
});

describe('With a real server', () => {
  const server = createServer((_, response) => {
    // More than is buffered without being read.
    response.writeHead(503).end('x'.repeat(1_000_000));
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

  it('an answer of undici is let go, too: one connection after the other serves ten calls', async () => {
    const dispatcher = new Agent({ connections: 1 });
    const { breaker } = new Lone({ failureThreshold: 1_000, clock: undefined });
    for (let i = 0; i < 10; i++) {
      const call = (signal: AbortSignal) => request(url, { dispatcher, signal });
      const answer = breaker.execute(call, { fallback: (error) => (error as Error).name });
      await expect(answer).resolves.toBe('FailedResultError');
    }
    await dispatcher.close();
  });
});
