import { beforeEach, describe, expect, test } from 'vitest';
import type { CloudEvent, EnvironmentState } from '../local/observer.ts';
import { Feed } from './feed.ts';

const environment = (state: EnvironmentState, key = 'one', part = 'gateway-v2'): CloudEvent => ({
  ...{ kind: 'environment', functionName: `demo-${part}`, environment: key, state, atMs: 1 },
});
const at = { api: 'gateway-v1', route: '/product-details/{id}', atMs: 5 };
const request = (id: string): CloudEvent => ({ kind: 'request', id, ...at });
const answer = (id: string, status: number | undefined, body?: object): CloudEvent => ({
  ...{ kind: 'answer', id, status, latencyMs: 12.345, ...at },
  result: body && JSON.stringify({ statusCode: 200, body: JSON.stringify(body) }),
});
const log = (line: object, key = 'one'): CloudEvent => ({
  ...{ kind: 'log', functionName: 'demo-gateway-v2', environment: key },
  text: `${JSON.stringify(line)}\n`,
});
const transition = (to: string, more = {}) => ({
  message: 'circuit transition',
  transition: { from: 'CLOSED', to, by: 'instance-1', scope: 'fleet', reason: '', ...more },
});
const store = (available: boolean) => ({ message: 'circuit store', store: { available } });

describe('a frame', () => {
  let feed: Feed;
  beforeEach(() => {
    feed = new Feed();
  });
  const add = (...events: CloudEvent[]) => {
    for (const event of events) feed.add(event);
  };
  const take = () => feed.take(100);

  test('is only there when something has happened', () => {
    expect(take()).toBeUndefined();
    add({ kind: 'throttled', functionName: 'demo-product' });
    expect(take()).toBeUndefined();
    add(environment('idle'));
    expect(take()).toMatchObject({ atMs: 100, isWhole: false });
    expect(take()).toBeUndefined();
  });

  test('tells an environment once, as it is at the end', () => {
    add(environment('starting'), environment('idle'), environment('busy'));
    expect(take()?.cells).toMatchObject([{ part: 'gateway-v2', state: 'busy' }]);
  });

  test('tells the end of an environment once, and then it is forgotten', () => {
    add(environment('idle'));
    take();
    add(environment('gone'));
    expect(take()?.cells).toMatchObject([{ state: 'gone' }]);
    expect(feed.whole(0).cells).toEqual([]);
  });

  test('tells nothing of a function that is none of the demonstration', () => {
    add(environment('idle', 'one', 'elsewhere'));
    expect(take()).toBeUndefined();
  });

  test('tells a user as waiting only while there is no answer', () => {
    add(request('a'), request('b'), answer('a', 504));
    const frame = take();
    expect(frame?.waiting).toHaveLength(1);
    expect(frame?.answers).toMatchObject([{ outcome: 'failed', latencyMs: 12.3 }]);
    add(answer('b', 504));
    expect(take()?.answers[0]?.id).toBe(frame?.waiting[0]?.id);
    expect(feed.whole(0).waiting).toEqual([]);
  });

  const product = { id: '1' };
  test.each([
    ['ok', 200, { product, recommendations: [{}], degradedMode: false }],
    ['degraded', 200, { product, recommendations: [], degradedMode: true }],
    ['failed', 200, {}],
    ['failed', 500, undefined],
    [undefined, undefined, undefined],
  ])('counts an answer as %s by status %s and body %j', (outcome, status, body) => {
    add(request('a'), answer('a', status, body));
    expect(take()?.answers.map((one) => one.outcome)).toEqual([outcome]);
  });

  test('leaves out what people ask of other routes', () => {
    add({ kind: 'request', id: 'a', api: 'gateway-v2', route: '/circuit-status', atMs: 1 });
    expect(take()).toBeUndefined();
  });

  test('marks the environment that makes the probe, until the circuit changes again', () => {
    add(environment('busy'), environment('busy', 'two'));
    add(log(transition('HALF_OPEN')));
    expect(feed.whole(0).cells.map(({ isProbing }) => isProbing)).toEqual([true, false]);
    add(log(transition('CLOSED', { by: 'instance-1' })));
    expect(feed.whole(0).cells.map(({ isProbing }) => isProbing)).toEqual([false, false]);
    expect(take()?.transitions.map(({ to }) => to)).toEqual(['HALF_OPEN', 'CLOSED']);
  });

  test('counts the instances that decide alone, by the state in which they see the circuit', () => {
    for (const key of ['one', 'two', 'three'])
      add(environment('idle', key), log(store(false), key));
    add(log(transition('OPEN', { scope: 'instance' }), 'two'));
    expect(take()?.status?.alone).toEqual({ CLOSED: 2, OPEN: 1, HALF_OPEN: 0 });
    add(log(store(true), 'three'), environment('gone', 'one'));
    expect(take()?.status?.alone).toEqual({ CLOSED: 0, OPEN: 1, HALF_OPEN: 0 });
  });

  test('takes no other log line for a word of the circuit', () => {
    add(log({ message: 'about the circuit transition of another' }));
    add({ ...log({}), text: 'circuit transition, but no JSON\n' } as CloudEvent);
    expect(take()).toBeUndefined();
  });

  test.each([
    ['healthy', { SIMULATE_FAILURE: 'false', FAILURE_PERCENT: '100', FAILURE_HANG_MS: '30000' }],
    ['hanging', { SIMULATE_FAILURE: 'true', FAILURE_PERCENT: '100', FAILURE_HANG_MS: '30000' }],
    ['half failing', { SIMULATE_FAILURE: 'true', FAILURE_PERCENT: '50', FAILURE_HANG_MS: '0' }],
    ['another', { SIMULATE_FAILURE: 'true', FAILURE_PERCENT: '7', FAILURE_HANG_MS: '10' }],
  ])('tells the fault that is in force: %s', (fault, variables) => {
    add({ kind: 'variables', functionName: 'demo-recommendations', variables });
    expect(take()?.status?.fault).toBe(fault);
  });

  test('tells the item as it is stored, and a missing one as a closed circuit', () => {
    const table = { kind: 'table', tableName: 'circuits', atMs: 1 } as const;
    const item = { state: { S: 'OPEN' }, generation: { N: '7' }, openUntilMs: { N: '99' } };
    add({ ...table, items: [item] });
    expect(take()?.status?.circuit).toMatchObject({
      ...{ state: 'OPEN', generation: 7, openUntilMs: 99 },
      attributes: { state: 'OPEN', generation: 7, openUntilMs: 99 },
    });
    add({ ...table, items: [] });
    expect(take()?.status?.circuit).toMatchObject({ state: 'CLOSED', attributes: {} });
  });

  test('tells when the engine has ended, and how', () => {
    add({ kind: 'engine', state: 'lost', end: 'signal SIGKILL', atMs: 1 });
    expect(take()?.status?.engine).toEqual({ isRunning: false, end: 'signal SIGKILL' });
  });
});
