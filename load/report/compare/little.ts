/** Little's law: executions at once = requests per second x seconds that one request keeps functions busy. Pure. */
import type { ConcurrencyNeed, Fleet, Variant } from '../report.ts';

/** A whole account and region may run so many executions at once, unless AWS has raised it. */
const ACCOUNT_LIMIT = 1000;
const EXAMPLE_RATES = [1, 10, 100];

export function concurrencyNeed(
  fleets: Readonly<Record<Variant, Fleet | null>>,
): ConcurrencyNeed | null {
  const { v1, v2 } = fleets;
  if (!v1 || !v2) return null;
  return {
    accountLimit: ACCOUNT_LIMIT,
    atRequestsPerSecond: EXAMPLE_RATES.map((requestsPerSecond) => ({
      requestsPerSecond,
      v1: requestsPerSecond * v1.busySecondsPerRequest,
      v2: requestsPerSecond * v2.busySecondsPerRequest,
    })),
    exhaustedAt: {
      v1: ACCOUNT_LIMIT / v1.busySecondsPerRequest,
      v2: ACCOUNT_LIMIT / v2.busySecondsPerRequest,
    },
  };
}
