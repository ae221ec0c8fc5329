import { setTimeout as sleep } from 'node:timers/promises';
import type { Breaker } from 'fleet-breaker';

/** Calls once more if there is no answer after `delayMs`; the slower call is given up. */
export async function hedged<T>(
  breaker: Breaker,
  call: (signal: AbortSignal) => Promise<T>,
  delayMs: number,
): Promise<T> {
  const losers = new AbortController();
  const { signal } = losers;
  const first = breaker.execute(call, { signal });
  const second = sleep(delayMs, undefined, { signal }).then(() =>
    breaker.execute(call, { signal }),
  );
  try {
    return await Promise.any([first, second]);
  } finally {
    losers.abort();
  }
}
