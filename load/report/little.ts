/** Little's law: executions at once = requests per second x seconds that one request keeps functions busy. Pure. */
import type { ConcurrencyNeed, Fleet, Variant } from './report.ts';

/** Concurrent executions of a whole account and region, unless raised. */
const accountLimit = 1000;
const exampleRates = [1, 10, 100];

export function concurrencyNeed(
  fleets: Readonly<Record<Variant, Fleet | null>>,
): ConcurrencyNeed | null {
  const { v1, v2 } = fleets;
  if (!v1 || !v2) return null;
  return {
    accountLimit,
    atRequestsPerSecond: exampleRates.map((requestsPerSecond) => ({
      requestsPerSecond,
      v1: requestsPerSecond * v1.busySecondsPerRequest,
      v2: requestsPerSecond * v2.busySecondsPerRequest,
    })),
    exhaustedAt: {
      v1: accountLimit / v1.busySecondsPerRequest,
      v2: accountLimit / v2.busySecondsPerRequest,
    },
  };
}
