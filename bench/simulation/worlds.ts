import type { Phase } from '../../breaker/simulation/downstream.ts';
import type { World } from '../../breaker/simulation/world.ts';

export const THRESHOLD = 3;
export const RULES = { failureThreshold: THRESHOLD, openMs: 10_000, callTimeoutMs: 2_000 };

type FleetSize = Pick<World, 'ratePerS' | 'instances' | 'callsAtOnce'>;

export const SMALL_FLEET: FleetSize = { ratePerS: 100, instances: 50 };
export const LARGE_FLEET: FleetSize = { ratePerS: 1_000, instances: 500 };
export const HUGE_FLEET: FleetSize = { ratePerS: 10_000, instances: 10_000 };
export const VAST_FLEET: FleetSize = { ratePerS: 100_000, instances: 100_000 };

/** Ten healthy seconds, the outage, and time to recover. */
export function outage(
  failures: Phase['failures'],
  size: FleetSize,
  { forMs, afterMs } = { forMs: 60_000, afterMs: 40_000 },
): World {
  const fromMs = 10_000;
  return {
    ...size,
    choice: 'random',
    untilMs: fromMs + forMs + afterMs,
    phases: [{ fromMs, untilMs: fromMs + forMs, failures }],
    rules: RULES,
  };
}

/** A second or so of an outage and the recovery after it, which is enough where calls are many. */
export function shortOutage(size: FleetSize, fromMs: number): World {
  return {
    ...size,
    choice: 'random',
    untilMs: fromMs + 1_300,
    phases: [{ fromMs, untilMs: fromMs + 500, failures: 'fast' }],
    rules: { ...RULES, openMs: 500 },
  };
}

/** The same all the time; each call fails with the probability `share`. */
export function steady(
  size: FleetSize,
  share: number,
  { failures = 'usual', forMs = 60_000 }: { failures?: Phase['failures']; forMs?: number } = {},
): World {
  return {
    ...size,
    choice: 'random',
    untilMs: forMs,
    phases: [{ fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, failures, share }],
    rules: { ...RULES, failureThreshold: 5 },
  };
}
