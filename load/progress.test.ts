import { expect, test } from 'vitest';
import { createProgress, progressLine } from './progress.ts';
import type { RequestEvent } from './request-log.ts';

const sent = (request: number, user: number, atMs: number): RequestEvent => ({
  ...{ event: 'sent', product: '1' },
  ...{ request, user, atMs },
});
const answered = (request: number, latencyMs: number, atMs: number): RequestEvent => ({
  ...{ event: 'answered', outcome: 'degraded', status: 200 },
  ...{ request, latencyMs, atMs },
});

function afterFour() {
  const progress = createProgress();
  const events = [sent(1, 1, 1000), sent(2, 2, 1100), answered(1, 2000, 3000), sent(3, 1, 4000)];
  for (const event of events) progress.add(event);
  return progress;
}

test('the line tells how far it is, who waits, how fast, how slow, and with what outcome', () => {
  const line = { label: 'v2', now: afterFour().at(5000), loadSeconds: 120, circuit: 'OPEN' };
  expect(progressLine(line)).toBe(
    'v2 0:04/2:00  2 users, 2 waiting  0.3 requests/s  p95 2000 ms  ok 0 degraded 1 failed 0  circuit OPEN',
  );
});

test('time stops at the last answer when all is over', () => {
  const progress = afterFour();
  progress.add(answered(2, 8000, 9100));
  expect(progress.atLastAnswer()).toMatchObject({ elapsedSeconds: 8.1, waiting: 1 });
});

test('before the first request nothing has happened', () => {
  const line = { label: 'v1', now: createProgress().at(5000), loadSeconds: 15, circuit: undefined };
  expect(progressLine(line)).toBe(
    'v1 0:00/0:15  0 users, 0 waiting  0.0 requests/s  p95 -  ok 0 degraded 0 failed 0',
  );
});
