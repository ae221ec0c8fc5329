import { expect, test } from 'vitest';
import type { FunctionReport } from '../report.ts';
import { costPerMillion } from './prices.ts';

const used = (invocations: number, billedGbSeconds: number): FunctionReport => ({
  ...{ part: 'product', coldStarts: 0, meanDurationMs: 0, billedSeconds: 0 },
  peakConcurrency: 0,
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
