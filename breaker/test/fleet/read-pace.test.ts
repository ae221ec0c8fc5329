/** How long an instance's view serves while the store throttles its reads. */
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors.ts';
import { ReadPace } from '../../src/fleet/read-pace.ts';
import { UNOBSERVED } from '../../src/protocol/view.ts';

const THROTTLED = new StoreError('throttled', 'too fast');
const NOW_MS = 1_000_000;
const observed = { ...UNOBSERVED, observedAtMs: NOW_MS - 500 };

function paceOf({ throttleFactor = 1, viewTtlMs = 0, random = 0.5 }) {
  return new ReadPace({ viewTtlMs, random: () => random }, { throttleFactor });
}

describe('The view of a closed circuit serves', () => {
  it.each([
    ['as configured while nothing is throttled', { viewTtlMs: 250 }, 250],
    ['not at all by default', {}, 0],
    ['for 50 ms times the factor at the least', { throttleFactor: 4 }, 200],
    ['for its TTL times the factor', { throttleFactor: 4, viewTtlMs: 250 }, 1_000],
    ['for 10 s at most', { throttleFactor: 256, viewTtlMs: 250 }, 10_000],
    ['for its TTL, if that is longer', { throttleFactor: 2, viewTtlMs: 90_000 }, 90_000],
    ['for half as long at the least', { throttleFactor: 4, random: 0 }, 100],
    ['for half as much again at the most', { throttleFactor: 4, random: 1 }, 300],
  ])('%s', (_, settings, ageMs) => {
    const pace = paceOf(settings);
    pace.failed(THROTTLED, NOW_MS);
    expect(pace.closedMaxAgeMs).toBe(ageMs);
  });

  it('as if it had been observed when a read was throttled', () => {
    const pace = paceOf({ throttleFactor: 2 });
    expect(pace.ageMs(observed, NOW_MS)).toBe(500);
    pace.failed(THROTTLED, NOW_MS - 100);
    expect(pace.ageMs(observed, NOW_MS)).toBe(100);
    expect(pace.ageMs({ ...observed, observedAtMs: NOW_MS - 5 }, NOW_MS)).toBe(5);
    expect(pace.ageMs(UNOBSERVED, NOW_MS)).toBe(100);
  });

  it('no longer because of another failure, or of a throttling in the future', () => {
    const pace = paceOf({});
    pace.failed(new StoreError('unavailable', 'down'), NOW_MS - 100);
    expect(pace.ageMs(observed, NOW_MS)).toBe(500);
    pace.failed(THROTTLED, NOW_MS + 100);
    expect(pace.ageMs(observed, NOW_MS)).toBe(500);
  });
});

it('Views of readers that were throttled at one moment do not expire at one moment', () => {
  const ages = Array.from({ length: 50 }, (_, i) => {
    const pace = paceOf({ throttleFactor: 16, random: i / 50 });
    pace.failed(THROTTLED, NOW_MS);
    return pace.closedMaxAgeMs;
  });
  expect(Math.max(...ages) - Math.min(...ages)).toBeGreaterThan(700);
  expect(new Set(ages).size).toBe(50);
});
