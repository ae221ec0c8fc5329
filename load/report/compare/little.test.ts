import { expect, test } from 'vitest';
import type { Fleet } from '../report.ts';
import { concurrencyNeed } from './little.ts';

const busy = (busySecondsPerRequest: number): Fleet => ({
  ...{ functions: [], recommendationsCalls: 0, productFailures: 0, peakConcurrency: 0 },
  store: { reads: 0, writes: 0 },
  costPerMillion: { apiGateway: 0, lambdaRequests: 0, lambdaDuration: 0, dynamoDb: 0, total: 0 },
  busySecondsPerRequest,
  concurrencyBySecond: [],
});

test('concurrency is rate times busy time, and an account ends where that is its limit', () => {
  expect(concurrencyNeed({ v1: busy(50), v2: busy(0.02) })).toEqual({
    accountLimit: 1000,
    atRequestsPerSecond: [
      { requestsPerSecond: 1, v1: 50, v2: 0.02 },
      { requestsPerSecond: 10, v1: 500, v2: 0.2 },
      { requestsPerSecond: 100, v1: 5000, v2: 2 },
    ],
    exhaustedAt: { v1: 20, v2: 50_000 },
  });
});

test('without the logs of one variant there is no saying', () => {
  expect(concurrencyNeed({ v1: busy(50), v2: null })).toBeNull();
});
