import { expect } from 'vitest';

/**
 * What `/circuit-status` answers when it agrees with the item. It tells no generation; the time of the last transition
 * tells one generation from another as well.
 */
export function statusOfItem(item: Readonly<Record<string, unknown>>, state: string) {
  const sinceMs = Number(state === 'CLOSED' ? item.closedAtMs : item.updatedAtMs);
  const since = sinceMs > 0 ? { since: new Date(sinceMs).toISOString() } : {};
  return expect.objectContaining({ state, ...since, store: 'available' });
}
