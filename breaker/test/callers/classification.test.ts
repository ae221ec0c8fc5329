/** What a result counts as and is called, wherever it tells it. */
import { type CallResult, defaultClassify } from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import { Lone } from './lone.ts';

const wrapped = (cause: unknown, message = 'no') => ({ error: new Error(message, { cause }) });
const sdk = (name: string, httpStatusCode: number, more: object = {}) =>
  Object.assign(new Error('secret'), { name, $metadata: { httpStatusCode }, ...more });

describe('A status decides wherever a client puts it', () => {
  it.each<[string, CallResult, string]>([
    ['status', { error: { status: 404 } }, 'ignored'],
    ['statusCode', { error: { statusCode: 404 } }, 'ignored'],
    ['response.status', { error: { response: { status: 404 } } }, 'ignored'],
    ['response.statusCode', { error: { response: { statusCode: 404 } } }, 'ignored'],
    ['$metadata', { error: sdk('NotFound', 404) }, 'ignored'],
    ['of the cause', wrapped({ response: { status: 404 } }), 'ignored'],
    ['of a cause of a cause', wrapped(wrapped({ status: 404 }).error), 'ignored'],
    ['of the first of several errors', { error: new AggregateError([{ status: 404 }]) }, 'ignored'],
    ['outermost first', wrapped(Object.assign(new Error(), { status: 404 })), 'ignored'],
    ['statusCode of a value', { value: { statusCode: 502 } }, 'failure'],
    ['a text is none', { error: { status: '404' } }, 'failure'],
    ['a part is none', { error: { status: 404.5 } }, 'failure'],
    ['of a page, say', { value: { status: 999 } }, 'success'],
  ])('%s', (_, result, verdict) => {
    expect(defaultClassify(result)).toBe(verdict);
  });
});

describe('The names of the AWS SDK say what statuses do not', () => {
  const cancelled = (Code: string) =>
    sdk('TransactionCanceledException', 400, { CancellationReasons: [{ Code: 'None' }, { Code }] });
  it.each<[string, CallResult, string]>([
    ['throttling', { error: sdk('ThrottlingException', 400) }, 'failure'],
    [
      'throttling by its trait',
      { error: sdk('X', 400, { $retryable: { throttling: true } }) },
      'failure',
    ],
    ['throttling, wrapped', wrapped(sdk('SlowDown', 400)), 'failure'],
    ['a lost optimistic lock', { error: sdk('ConditionalCheckFailedException', 400) }, 'ignored'],
    ['a conflict that may be retried', { error: sdk('X', 400, { $retryable: {} }) }, 'ignored'],
    ['a transaction cancelled for load', { error: cancelled('ThrottlingError') }, 'failure'],
    [
      'a transaction cancelled for a lock',
      { error: cancelled('ConditionalCheckFailed') },
      'ignored',
    ],
    [
      'a name without the SDK',
      { error: Object.assign(new Error(), { name: 'SlowDown', status: 400 }) },
      'ignored',
    ],
    ['FunctionError', { value: { StatusCode: 200, FunctionError: 'Unhandled' } }, 'failure'],
    ['a field of that name', { value: { FunctionError: 'Unhandled' } }, 'success'],
  ])('%s', (_, result, verdict) => {
    expect(defaultClassify(result)).toBe(verdict);
  });
});

describe('The reason of a trip', () => {
  const withCode = (code: unknown, message = 'no') => Object.assign(new Error(message), { code });
  const circle = new Error('round');
  circle.cause = circle;
  const hostile = {
    get status() {
      throw new Error('no');
    },
  };
  it.each<[string, unknown, string]>([
    ['the code of the cause', wrapped(withCode('ECONNREFUSED')).error, 'ECONNREFUSED'],
    [
      'the innermost code',
      Object.assign(withCode('ERR_NETWORK'), { cause: withCode('EPIPE') }),
      'EPIPE',
    ],
    ['a code with a digit', withCode('ERR_HTTP2_STREAM_ERROR'), 'ERR_HTTP2_STREAM_ERROR'],
    ['no number of a customer', withCode('CUST4711_0815'), 'Error'],
    ['no code that is a sentence', withCode('Card of Ann Smith'), 'Error'],
    ['no name that is a sentence', Object.assign(new Error(), { name: 'Ann Smith' }), 'Error'],
    ['no message', new TypeError('https://user:secret@host'), 'TypeError'],
    [
      'a name and a status of the AWS',
      sdk('InternalServerError', 500),
      'HTTP 500 InternalServerError',
    ],
    ['a cause that is its own cause', circle, 'Error'],
    ['a thrown text, not quoted', 'secret', 'string'],
    ['nothing thrown', undefined, 'undefined'],
    ['an object that does not let itself be looked at', hostile, 'object'],
  ])('names %s', async (_, error, cause) => {
    const lone = new Lone({ failureThreshold: 1 });
    await lone.time.until(lone.breaker.execute(() => Promise.reject(error)).catch(() => {}));
    expect(lone.item).toMatchObject({ state: 'OPEN', reason: `1 x ${cause}` });
  });
});

describe('A result that does not let itself be looked at', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  it.each<[string, unknown]>([
    ['at all', proxy],
    ['in its headers', { status: 503, headers: proxy }],
    ['in its body', { status: 503, body: proxy }],
  ])('%s: is a result like others, returned or thrown', async (_, result) => {
    const lone = new Lone({ failureThreshold: 9 });
    const { breaker, time } = lone;
    let given: unknown;
    const fallback = (error: unknown) => {
      given = error;
    };
    await time.until(breaker.execute<unknown>(() => Promise.reject(result), { fallback }));
    expect(Object.is(given, result)).toBe(true);
    await time.until(breaker.execute<unknown>(() => ({ result }), { fallback }));
    expect(lone.warnings).toEqual([]);
  });
});

describe('Retry-After on the failure that trips', () => {
  const answer = (retryAfter: string) =>
    new Response('', { status: 503, headers: { 'Retry-After': retryAfter } });
  const inSeconds = (lone: Lone, s: number) => new Date(lone.time.nowMs + s * 1_000).toUTCString();
  it.each<[string, (lone: Lone) => string, number]>([
    ['in seconds', () => '12', 12_000],
    ['as a date', (lone) => inSeconds(lone, 12), 12_000],
    ['shorter than the open period', () => '1', 5_000],
    ['longer than the longest', () => '86400', 30_000],
    ['in the past', (lone) => inSeconds(lone, -60), 5_000],
    ['negative', () => '-5', 5_000],
    ['a text', () => 'soon', 5_000],
    ['empty', () => '', 5_000],
    ['a number beyond numbers', () => '9'.repeat(400), 30_000],
  ])('is the least that the circuit stays open, within maxOpenMs: %s', async (_, told, openMs) => {
    const lone = new Lone({ failureThreshold: 1 });
    await lone.call(() => answer(told(lone)));
    expect(lone.item).toMatchObject({ state: 'OPEN', openDurationMs: openMs });
  });

  it('counts for a probe that fails, too', async () => {
    const lone = new Lone({ failureThreshold: 1, openMs: 1_000 });
    await lone.fail(1);
    await lone.time.run(2_000);
    await lone.call(() => answer('25'));
    expect(lone.item).toMatchObject({ state: 'OPEN', reopenings: 1, openDurationMs: 25_000 });
  });
});

describe('A slow call', () => {
  it.each([
    ['ends well', () => 'good', 'success'],
    ['fails', () => Promise.reject(new Error('no')), 'failure'],
  ])('is marked as slow in its record, however it ends: it %s', async (_, end, outcome) => {
    const records: object[] = [];
    const onCall = (record: object) => records.push(record);
    const lone = new Lone({ failureThreshold: 1, slowCallMs: 500, onCall });
    await lone.call(() => lone.time.wait(800).then(end));
    expect(records).toMatchObject([{ outcome, slow: true, latencyMs: 800 }]);
    expect(lone.item).toMatchObject({ state: 'OPEN', reason: '1 x slower than 500 ms' });
  });

  it('does not mark one that is not', async () => {
    const records: object[] = [];
    const onCall = (record: object) => records.push(record);
    const lone = new Lone({ slowCallMs: 500, onCall });
    await lone.call(() => 'good');
    expect(records[0]).not.toHaveProperty('slow');
  });
});

describe('A half-open circuit whose every answer is a 404', () => {
  const notFound = () => ({ status: 404 });

  it('stays half-open by default: no answer of these shows that the downstream works', async () => {
    const lone = new Lone({ failureThreshold: 1, openMs: 1_000 });
    await lone.fail(1);
    await lone.time.run(2_000);
    for (let i = 0; i < 5; i++) await lone.call(notFound);
    expect(lone.item).toMatchObject({ state: 'HALF_OPEN', probesIssued: 0 });
  });

  it('closes where classify, which knows of the probe, takes a 404 for an answer', async () => {
    const lone = new Lone({
      failureThreshold: 1,
      openMs: 1_000,
      classify: (result, { probe }) => {
        const verdict = defaultClassify(result);
        return probe && verdict === 'ignored' ? 'success' : verdict;
      },
    });
    await lone.fail(1);
    await lone.time.run(2_000);
    await lone.call(notFound);
    expect(lone.item).toMatchObject({ state: 'CLOSED' });
  });
});
