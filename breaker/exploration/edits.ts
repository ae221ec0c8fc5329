import type { Item } from 'fleet-breaker';
import { RULES } from './plan.ts';
import type { Kind } from './steps.ts';

/** The item after somebody has edited it by hand; undefined where there is nothing to edit. */
export function edited(kind: Kind, item: Item | undefined, nowMs: number): Item | undefined {
  if (!item) return undefined;
  const changes = changesOf(kind, item, nowMs);
  if (!changes) return undefined;
  const entries = Object.entries({ ...item, ...changes });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function changesOf(kind: Kind, item: Item, nowMs: number): Item | undefined {
  const { state, override, overrideUntilMs, openUntilMs, probeLeaseUntilMs, probeOwner } = item;
  switch (kind) {
    case 'editOverride':
      return { override: override === 'FORCED_OPEN' ? 'FORCED_CLOSED' : 'FORCED_OPEN' };
    case 'editOverrideEnd':
      return { overrideUntilMs: Math.max(nowMs, Number(overrideUntilMs ?? 0)) + 10 * RULES.openMs };
    case 'editState':
      return stateEdit(state, nowMs);
    case 'editWait':
      if (state === 'OPEN') return { openUntilMs: Number(openUntilMs) + 10 * RULES.openMs };
      if (!probeOwner) return undefined;
      return { probeLeaseUntilMs: Number(probeLeaseUntilMs) + 10 * RULES.openMs };
    case 'editProbe':
      if (!probeOwner) return undefined;
      return { probeOwner: undefined, probeLeaseUntilMs: undefined };
    default:
      return undefined;
  }
}

function stateEdit(state: unknown, nowMs: number): Item {
  if (state !== 'CLOSED') return { state: 'CLOSED' };
  const { openMs } = RULES;
  return { state: 'OPEN', openDurationMs: openMs, openUntilMs: nowMs + openMs };
}
