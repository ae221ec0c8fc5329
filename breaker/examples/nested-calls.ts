import type { Breaker } from 'fleet-breaker';

type Get = (path: string, signal: AbortSignal) => Promise<number>;

/** Guarded by itself, for those who want a price alone. */
export function getPrice(breaker: Breaker, get: Get, id: string): Promise<number> {
  return breaker.execute((signal) => get(`/prices/${id}`, signal));
}

/**
 * Guarded as a whole. The calls within it are part of it: they are not refused
 * separately, have their own time limits, and count once, by the result of the whole.
 */
export function getOffer(breaker: Breaker, get: Get, ids: readonly string[]): Promise<number> {
  return breaker.execute(async () => {
    const prices = await Promise.all(ids.map((id) => getPrice(breaker, get, id)));
    return prices.reduce((sum, price) => sum + price, 0);
  });
}
