/** How long an instance's successful calls take, from those it has made. */

export interface Latency {
  /** How many successes it comes from. */
  readonly count: number;
  readonly meanMs: number;
  /** In milliseconds squared. */
  readonly variance: number;
}

export const UNKNOWN_LATENCY: Latency = Object.freeze({ count: 0, meanMs: 0, variance: 0 });

/** The weight of the latest success, once there were as many as make it the smallest. */
const LEAST_WEIGHT = 1 / 16;

/** Adds a success to the moving average and variance. */
export function withSuccess(latency: Latency, ranMs: number): Latency {
  const count = latency.count + 1;
  const weight = Math.max(1 / count, LEAST_WEIGHT);
  const difference = ranMs - latency.meanMs;
  return {
    count,
    meanMs: latency.meanMs + weight * difference,
    variance: (1 - weight) * (latency.variance + weight * difference ** 2),
  };
}

/**
 * The time within which at least half of the successes end: the mean and one standard deviation,
 * which is enough for any distribution (Cantelli's inequality). Undefined if there was no success.
 */
export function usualMs({ count, meanMs, variance }: Latency): number | undefined {
  if (count === 0) return undefined;
  return Math.round(meanMs + Math.sqrt(variance));
}
