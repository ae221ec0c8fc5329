import type { Context } from 'aws-lambda';
import type { Breaker } from 'fleet-breaker';

type FetchItems = (id: string, signal: AbortSignal) => Promise<string[]>;

/** What the function does. It is given its breaker, so that a test can give it another. */
export function createHandler(breaker: Breaker, fetchItems: FetchItems) {
  return async (event: { id: string }, context: Pick<Context, 'getRemainingTimeInMillis'>) => {
    const items = await breaker.execute((signal) => fetchItems(event.id, signal), {
      fallback: () => [],
      remainingMs: () => context.getRemainingTimeInMillis(),
    });
    return { items };
  };
}
