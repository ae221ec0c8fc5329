import { expect, test } from 'vitest';
import { outcomeOf } from './outcome.ts';

const product = { id: '1' };
const recommendations = [{ id: '2' }];

test.each([
  ['ok', 200, { product, recommendations, degradedMode: false }],
  ['degraded', 200, { product, recommendations: [], degradedMode: true }],
  ['degraded', 200, { product, recommendations: [], degradedMode: false }],
  ['degraded', 200, { product, recommendations, degradedMode: true }],
  ['degraded', 200, { product }],
  ['failed', 200, { recommendations }],
  ['failed', 200, null],
  ['failed', 201, { product, recommendations }],
  ['failed', 500, { error: 'Internal Server Error', message: 'Failed to get recommendations' }],
  ['failed', 504, { message: 'Endpoint request timed out' }],
])('an answer is %s when it is %i %j', (outcome, status, body) => {
  expect(outcomeOf(status, JSON.stringify(body))).toBe(outcome);
});

test('a 200 that is not JSON is failed', () => {
  expect(outcomeOf(200, '<html>')).toBe('failed');
});
