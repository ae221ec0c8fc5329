/** The recommendations fail in every way that a service fails in, under a crowd of users of the second gateway. */
import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  CALL_TIMEOUT_MS,
  type ChaosCloud,
  expectAgreement,
  LEASE_MS,
  LONGEST_OPEN_MS,
  OPEN_MS,
  pause,
  startChaosCloud,
  THRESHOLD,
} from '../support/chaos-cloud.ts';
import { type FaultyService, startFaultyService } from '../support/faulty-service.ts';
import {
  after,
  answering,
  breakingOff,
  brotliOf,
  compressed,
  dripping,
  gzippedGigabyte,
  hangingAfterHeaders,
  hangingBeforeHeaders,
  redirecting,
  resetting,
  saying,
  sending,
} from '../support/misbehaviour.ts';

const USERS = 6;
const FAULT_MS = 2_000;
/** What a request needs besides the recommendations, on a busy machine. */
const OWN_MS = 2_000;
/** A probe that is under way when the service is well again, the open period that follows, and the visit that shows it. */
const AGREED_WITHIN_MS = LEASE_MS + LONGEST_OPEN_MS + OWN_MS;
const MEMORY_LIMIT_MB = 150;

const MEGABYTE = 1_000_000;
const list = JSON.stringify([{ id: '2', name: 'Desk' }]);

type Class = 'success' | 'failure' | 'ignored';

/** What the service does, and what the breaker takes it for. */
const ROWS: [string, Class, RequestListener][] = [
  ['hangs before its headers', 'failure', hangingBeforeHeaders],
  ['hangs after its headers', 'failure', hangingAfterHeaders],
  ['drips its body', 'failure', dripping],
  ['drips its headers', 'failure', saying('HTTP/1.1 200 OK\r\nx: ', 50)],
  ['sends early hints for ever', 'failure', saying('HTTP/1.1 103 Early Hints\r\n\r\n', 20)],
  [
    'sends a megabyte of headers',
    'failure',
    saying(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(MEGABYTE)}`),
  ],
  ['does not speak HTTP', 'failure', saying('220 mail.example.com ESMTP\r\n')],
  ['sends 100 MB', 'failure', sending(100 * MEGABYTE)],
  ['sends 100 MB with status 404', 'failure', sending(100 * MEGABYTE, { status: 404 })],
  ['sends a gigabyte, compressed', 'failure', compressed(gzippedGigabyte(), 'gzip')],
  ['sends 100 MB in some bytes of brotli', 'failure', compressed(brotliOf(100 * MEGABYTE), 'br')],
  ['sends what is not compressed as it says', 'failure', compressed(Buffer.from(list), 'gzip')],
  ['sends invalid JSON', 'failure', answering(200, list.slice(0, -1))],
  ['sends HTML', 'failure', answering(200, '<html>', { 'content-type': 'text/html' })],
  ['sends an empty body', 'failure', answering(200)],
  ['sends no content', 'failure', answering(204)],
  ['sends null', 'failure', answering(200, 'null')],
  ['sends an object instead of a list', 'failure', answering(200, '{"id":"2","name":"Desk"}')],
  ['sends items of another shape', 'failure', answering(200, '[{"id":2,"name":"Desk"}]')],
  [
    'sends arrays nested 100,000 deep',
    'failure',
    answering(200, `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  ],
  ['redirects to itself', 'failure', redirecting('/', 301)],
  ['resets its connections', 'failure', resetting],
  ['breaks its answers off', 'failure', breakingOff],
  ['answers 500', 'failure', answering(500, list)],
  ['answers 503', 'failure', answering(503)],
  ['answers 429', 'failure', answering(429)],
  ['answers 408', 'failure', answering(408)],
  ['answers 404', 'ignored', answering(404, list)],
  ['answers 403', 'ignored', answering(403)],
  [
    'answers just before the timeout',
    'success',
    after(CALL_TIMEOUT_MS - 200, answering(200, list)),
  ],
  ['answers just after the timeout', 'failure', after(CALL_TIMEOUT_MS + 200, answering(200, list))],
];

const METRIC = { success: 'CallSucceeded', failure: 'CallFailed', ignored: 'CallIgnored' };

describe('while the recommendations service', () => {
  let cloud: ChaosCloud;
  let elsewhere: FaultyService;

  beforeAll(async () => {
    [cloud, elsewhere] = await Promise.all([
      startChaosCloud({ prewarm: USERS }),
      startFaultyService(),
    ]);
  });
  afterAll(() => Promise.all([cloud.close(), elsewhere.close()]));

  test.each(ROWS)('%s: %s', (_, verdict, behaviour) =>
    expectSpared(verdict, {
      begin: async () => cloud.recommendations.behave(behaviour),
      end: async () => cloud.recommendations.behave(),
    }),
  );

  test('redirects elsewhere: failure, and nothing is sent there', async () => {
    await expectSpared('failure', {
      begin: async () => cloud.recommendations.behave(redirecting(elsewhere.url)),
      end: async () => cloud.recommendations.behave(),
    });
    expect(elsewhere.received).toEqual([]);
  });

  test('refuses connections: failure', () =>
    expectSpared('failure', {
      begin: cloud.recommendations.goAway,
      end: cloud.recommendations.comeBack,
    }));

  interface Fault {
    readonly begin: () => Promise<unknown>;
    readonly end: () => Promise<unknown>;
  }

  async function expectSpared(verdict: Class, { begin, end }: Fault) {
    const { recommendations } = cloud;
    let isOver = false;
    onTestFinished(async () => {
      if (!isOver) await end();
    });
    const before = counted();
    const crowd = cloud.startCrowd(USERS);
    recommendations.received.length = 0;
    await begin();
    await pause(FAULT_MS);
    const calls = recommendations.received.length;
    const state = (await cloud.storedCircuit()).state;
    await end();
    isOver = true;
    const visits = await crowd.leave();
    const told = counted();
    const healedMs = await expectAgreement(cloud, { users: USERS, withinMs: AGREED_WITHIN_MS });

    expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
    const slowestMs = Math.max(...visits.map(({ tookMs }) => tookMs));
    expect(slowestMs).toBeLessThan(CALL_TIMEOUT_MS + OWN_MS);
    expect(told.memoryMb).toBeLessThan(MEMORY_LIMIT_MB);
    if (verdict === 'failure') {
      expect(['OPEN', 'HALF_OPEN']).toContain(state);
      expect(told.failure - before.failure).toBeGreaterThanOrEqual(THRESHOLD);
      expect(told.ignored - before.ignored).toBe(0);
      // Each user may be in a call when the circuit opens; then there is one probe in every open period. A lost
      // connection is tried once more.
      const probes = 1 + FAULT_MS / (0.9 * OPEN_MS);
      expect(calls).toBeLessThanOrEqual(2 * (USERS + THRESHOLD + probes));
    } else {
      expect(state).toBe('CLOSED');
      expect(told[verdict] - before[verdict]).toBeGreaterThanOrEqual(USERS);
      expect(told.failure - before.failure).toBe(0);
    }
    report({ visits: visits.length, calls, slowestMs, healedMs, memoryMb: told.memoryMb });
  }

  /** From the log of the gateway. */
  function counted() {
    const count = (metric: string) => cloud.countLines(new RegExp(`"${metric}":1`));
    return {
      success: count(METRIC.success),
      failure: count(METRIC.failure),
      ignored: count(METRIC.ignored),
      memoryMb: cloud.mostMemoryMb(),
    };
  }
});

function report(figures: Record<string, number>) {
  const parts = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value)}`);
  console.log(`${expect.getState().currentTestName}: ${parts.join(', ')}`);
}
