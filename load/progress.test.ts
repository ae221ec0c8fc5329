import { expect, test } from 'vitest';
import { createProgress } from './progress.ts';
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

test('a snapshot tells who waits, and how fast and how slow the latest answers were', () => {
  expect(afterFour().at(5000)).toEqual({
    ...{ elapsedSeconds: 4, waiting: 2, outcomes: { ok: 0, degraded: 1, failed: 0 } },
    ...{ answersPerSecond: 0.25, latencyMsP95: 2000 },
  });
});

test('what is longer than ten seconds ago no longer counts as lately', () => {
  const { outcomes, answersPerSecond, latencyMsP95 } = afterFour().at(13_001);
  expect(outcomes.degraded).toBe(1);
  expect({ answersPerSecond, latencyMsP95 }).toEqual({
    answersPerSecond: 0,
    latencyMsP95: undefined,
  });
});

test('time stops at the last answer when all is over', () => {
  const progress = afterFour();
  progress.add(answered(2, 8000, 9100));
  expect(progress.atLastAnswer()).toMatchObject({ elapsedSeconds: 8.1, waiting: 1 });
});

test('before the first request nothing has happened', () => {
  expect(createProgress().at(5000)).toMatchObject({ elapsedSeconds: 0, waiting: 0 });
});
