import type { Breaker } from 'fleet-breaker';

/** The recommendations of a product; none while the service is down. */
export function getRecommendations(
  breaker: Breaker,
  url: string,
  remainingMs: () => number,
): Promise<string[]> {
  return breaker.execute(
    async (signal) => {
      const response = await fetch(url, { signal });
      // The status of a cause counts as the call's: 503 is a failure, 404 is none.
      if (!response.ok) throw new Error('No recommendations', { cause: response });
      // Reading belongs to the call: a body that never ends is a hang, too.
      return (await response.json()) as string[];
    },
    { fallback: () => [], remainingMs },
  );
}
