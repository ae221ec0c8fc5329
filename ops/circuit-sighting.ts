/** What a look at the circuit has shown: for people as a line, for programs as JSON. Pure. */
import { styleText } from 'node:util';
import type { CircuitStatus } from 'fleet-breaker';

export interface CircuitSighting {
  /** When the item was written; of an item that was never written: when it was looked at. */
  readonly atMs: number;
  readonly state: string;
  readonly generation: number;
  readonly failuresInARow: number;
  readonly reason: string;
  /** The instance or the operator that wrote the item last; empty before the first. */
  readonly by: string;
  /** Null: nobody has forced a state. */
  readonly override: { readonly forced: string; readonly isOver: boolean } | null;
}

/** The only place outside the library that knows the names of the item's attributes. */
export function sightingOf(status: CircuitStatus, nowMs: number): CircuitSighting {
  const { state, generation, reason, updatedBy, updatedAt, streakFailures } = status;
  const { override, overrideUntil } = status;
  return {
    atMs: typeof updatedAt === 'string' ? Date.parse(updatedAt) : nowMs,
    state,
    generation,
    failuresInARow: Number(streakFailures ?? 0),
    reason,
    by: String(updatedBy ?? ''),
    // A forced state stays in the item until somebody writes the item again, in force or not.
    override: override
      ? { forced: String(override), isOver: Date.parse(String(overrideUntil)) <= nowMs }
      : null,
  };
}

const STATE_STYLES = { OPEN: 'red', HALF_OPEN: 'yellow', CLOSED: 'green' } as const;

interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** On a terminal the line is coloured and fits; elsewhere it is plain and whole. */
export function sightingLine(sighting: CircuitSighting, { isTTY, columns }: Terminal): string {
  const { atMs, state, generation, failuresInARow, reason, by, override } = sighting;
  const forced = override ? ` (${override.forced}${override.isOver ? ', over' : ''})` : '';
  const time = new Date(atMs).toISOString();
  const before = `${isTTY ? time.slice(11) : time}  `;
  const after = [
    `${forced}  generation ${generation}`,
    ...(failuresInARow > 0 ? [`${failuresInARow} failures in a row`] : []),
    `by ${(isTTY ? shortName(by) : by) || 'nobody'}`,
    reason,
  ].join('  ');
  if (!isTTY) return `${before}${state}${after}`;
  const room = (columns ?? 80) - before.length - state.length;
  return `${before}${coloured(state)}${after.length <= room ? after : `${after.slice(0, room - 1)}…`}`;
}

/** The first part of a UUID is enough to tell instances apart; other names stay as they are. */
const shortName = (by: string): string => by.replace(/^([0-9a-f]{8})-[0-9a-f-]{27}$/, '$1');

function coloured(state: string): string {
  const style = Object.entries(STATE_STYLES).find(([name]) => name === state)?.[1];
  return style ? styleText(style, state) : state;
}
