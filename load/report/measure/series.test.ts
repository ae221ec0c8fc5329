import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Request } from '../raw/requests.ts';
import { sum } from '../statistics.ts';
import { latencyDots, secondsOf } from './series.ts';

const request = (
  sentAtMs: number,
  latencyMs: number,
  outcome: Request['outcome'] = 'ok',
): Request => ({
  ...{ number: 1, user: 1, status: 200 },
  ...{ sentAtMs, latencyMs, outcome },
});
const span = { startedAtMs: 0, elapsedSeconds: 4, seconds: 4 };

test('a request waits from the second in which it was sent to the one in which its answer came', () => {
  const seconds = secondsOf([request(100, 10), request(900, 2500, 'failed')], span);
  expect(seconds).toEqual([
    { sent: 2, ok: 1, degraded: 0, failed: 0, waiting: 1 },
    { sent: 0, ok: 0, degraded: 0, failed: 0, waiting: 1 },
    { sent: 0, ok: 0, degraded: 0, failed: 0, waiting: 1 },
    { sent: 0, ok: 0, degraded: 0, failed: 1, waiting: 0 },
  ]);
});

const anyRequests = fc.array(
  fc
    .record({
      sentAtMs: fc.integer({ min: 0, max: 3000 }),
      latencyMs: fc.integer({ min: 0, max: 1000 }),
      outcome: fc.constantFrom('ok' as const, 'degraded' as const, 'failed' as const),
    })
    .map(({ sentAtMs, latencyMs, outcome }) => request(sentAtMs, latencyMs, outcome)),
  { minLength: 1 },
);

test('no request is lost or counted twice in any of the series', () => {
  fc.assert(
    fc.property(anyRequests, (requests) => {
      const seconds = secondsOf(requests, span);
      expect(sum(seconds.map(({ sent }) => sent))).toBe(requests.length);
      expect(sum(seconds.map(({ ok, degraded, failed }) => ok + degraded + failed))).toBe(
        requests.length,
      );
      expect(seconds.at(-1)?.waiting).toBe(0);
      expect(sum(latencyDots(requests, span).map((dot) => dot.requests))).toBe(requests.length);
    }),
  );
});

test('a dot is off by less than an eighth of the latency that it stands for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60_000 }), (latencyMs) => {
      const [dot] = latencyDots([request(0, latencyMs)], span);
      expect(Math.abs((dot?.latencyMs ?? 0) / latencyMs - 1)).toBeLessThan(0.125);
    }),
  );
});
