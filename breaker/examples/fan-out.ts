import type { Breaker } from 'fleet-breaker';

/** All of them or none: the first that fails ends the others, which then count for nothing. */
export async function getAll<T>(
  breaker: Breaker,
  urls: readonly string[],
  get: (url: string, signal: AbortSignal) => Promise<T>,
): Promise<T[]> {
  const rest = new AbortController();
  const { signal: ended } = rest;
  const calls = urls.map((url) => breaker.execute((signal) => get(url, signal), { signal: ended }));
  try {
    return await Promise.all(calls);
  } finally {
    rest.abort();
  }
}
