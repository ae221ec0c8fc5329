import type { CircuitStatus } from 'fleet-breaker';

/**
 * What everybody may know of the circuit. Who changed it and why can be a login name and an incident: `npm run circuit`
 * shows them to whoever may read the table.
 */
export function publicStatus({ state, since, updatedAt, retryAfterMs, store }: CircuitStatus) {
  return { state, since: since || updatedAt || undefined, retryAfterMs, store };
}
