import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Waits until a request that `fetch` is asked for in this turn of the event loop has left. Node looks for one turn
 * whether the kept connection still stands, and writes the request in the next.
 */
export async function departure(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
