import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const env = { SIMULATE_FAILURE: 'true', FAILURE_HANG_MS: '30000', FAILURE_PERCENT: '100' };

test.each([
  ['', Number.POSITIVE_INFINITY],
  ['2026-01-31T12:00:00Z', Date.UTC(2026, 0, 31, 12)],
  ['2026-01-31T12:00:00.500Z', Date.UTC(2026, 0, 31, 12, 0, 0, 500)],
])('SIMULATE_UNTIL "%s" ends the fault at %f', (SIMULATE_UNTIL, untilMs) => {
  expect(loadConfig({ ...env, SIMULATE_UNTIL }).simulateUntilMs).toBe(untilMs);
});

test.each(['soon', '2026-01-31', '2026-01-31T12:00:00', '2026-13-01T12:00:00Z', '1769860800000'])(
  'SIMULATE_UNTIL "%s" is no time that all understand alike',
  (SIMULATE_UNTIL) => {
    expect(() => loadConfig({ ...env, SIMULATE_UNTIL })).toThrow(
      `SIMULATE_UNTIL is "${SIMULATE_UNTIL}": set it to a time such as`,
    );
  },
);
