import { createBreaker } from 'fleet-breaker';

/** The handler of a function whose one call is guarded by a circuit in the store. */
export function guarded(name, store) {
  const breaker = createBreaker({ name, store, failureThreshold: 3, failureRate: 1 });
  return async (event, context) => {
    const items = await breaker.execute((signal) => recommend(event.id, signal), {
      fallback: () => [],
      remainingMs: () => context.getRemainingTimeInMillis(),
    });
    return { items, circuit: await breaker.status() };
  };
}

async function recommend(id, signal) {
  const response = await fetch(`${process.env.RECOMMENDATIONS_URL}/${id}`, { signal });
  return response.ok ? response.json() : Promise.reject(response);
}
