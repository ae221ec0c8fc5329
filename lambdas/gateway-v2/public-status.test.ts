import type { CircuitStatus } from 'fleet-breaker';
import { expect, test } from 'vitest';
import { publicStatus } from './public-status.ts';

const status = (fields: Partial<CircuitStatus>): CircuitStatus => ({
  ...{ name: 'recommendations', state: 'CLOSED', generation: 4, reason: 'INC-42, Jane' },
  ...{ updatedBy: 'operator jane', updatedAt: 'now', closedAt: 'then', store: 'available' },
  ...fields,
});

test.each<[Partial<CircuitStatus>, object]>([
  [{}, { state: 'CLOSED', since: 'then' }],
  [{ closedAt: undefined, updatedAt: 0 }, { state: 'CLOSED' }],
  [{ override: 'FORCED_CLOSED' }, { state: 'CLOSED', since: 'now' }],
  [
    { state: 'OPEN', retryAfterMs: 700 },
    { state: 'OPEN', since: 'now', retryAfterMs: 700 },
  ],
  [{ state: 'HALF_OPEN' }, { state: 'HALF_OPEN', since: 'now' }],
])('of a status with %j the public is told %j', (fields, told) => {
  const answer = JSON.parse(JSON.stringify(publicStatus(status(fields))));
  expect(answer).toEqual({ ...told, store: 'available' });
});
