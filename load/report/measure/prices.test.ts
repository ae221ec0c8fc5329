import { expect, test } from 'vitest';
import { concurrencyNeed } from '../compare/little.ts';
import type { Fleet, FunctionReport } from '../report.ts';
import { costPerMillion } from './prices.ts';

const used = (invocations: number, billedGbSeconds: number): FunctionReport => ({
  ...{ part: 'product', coldStarts: 0, meanDurationMs: 0, billedSeconds: 0 },
  ...{ peakConcurrency: 0, concurrencyBySecond: [] },
  ...{ invocations, billedGbSeconds },
});

test('a million requests cost their calls, their seconds and their table operations at list price', () => {
  const cost = costPerMillion({
    requests: 1000,
    functions: [used(1000, 100), used(2000, 20)],
    store: { reads: 1000, writes: 10 },
  });
  // Three calls through API Gateway and to Lambda, 0.12 GB-s, half a read unit and 0.01 write units per request.
  expect(cost.apiGateway).toBeCloseTo(10.5);
  expect(cost.lambdaRequests).toBeCloseTo(0.6);
  expect(cost.lambdaDuration).toBeCloseTo(1.600008);
  expect(cost.dynamoDb).toBeCloseTo(0.0625 + 0.00625);
  expect(cost.total).toBeCloseTo(10.5 + 0.6 + 1.600008 + 0.06875);
});

const busy = (busySecondsPerRequest: number): Fleet => ({
  ...{ functions: [], recommendationsCalls: 0, productFailures: 0, peakConcurrency: 0 },
  store: { reads: 0, writes: 0 },
  costPerMillion: { apiGateway: 0, lambdaRequests: 0, lambdaDuration: 0, dynamoDb: 0, total: 0 },
  busySecondsPerRequest,
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
