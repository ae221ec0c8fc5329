import type { CircuitStatus } from 'fleet-breaker';

/**
 * What everybody may know of the circuit. Who changed it and why can be a login name and an incident: `npm run circuit`
 * shows them to whoever may read the table.
 */
export function publicStatus(status: CircuitStatus) {
  const { state, override, closedAt, updatedAt, retryAfterMs, store } = status;
  // While it is closed, failures are counted, and that updates the item too.
  const since = state === 'CLOSED' && !override ? closedAt : updatedAt;
  return { state, ...(since ? { since } : {}), retryAfterMs, store };
}
