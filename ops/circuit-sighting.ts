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
  const { state, generation, reason, updatedBy, updatedAt, streakScore } = status;
  const { override, overrideUntil } = status;
  return {
    atMs: typeof updatedAt === 'string' ? Date.parse(updatedAt) : nowMs,
    state,
    generation,
    failuresInARow: Number(streakScore ?? 0),
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

/** On a terminal the line is coloured, and the reason is cut so that it fits; elsewhere it is plain and whole. */
export function sightingLine(sighting: CircuitSighting, { isTTY, columns }: Terminal): string {
  const { atMs, state, generation, failuresInARow, reason, by, override } = sighting;
  const time = new Date(atMs).toISOString();
  const parts = {
    time: isTTY ? time.slice(11) : time,
    state: `${state}${override ? overrideText(override) : ''}`,
    generation: `generation ${generation}`,
    ...(failuresInARow > 0 && { failures: failuresText(failuresInARow) }),
    reason,
    by: `by ${(isTTY ? shortName(by) : by) || 'nobody'}`,
  };
  const line = Object.values(parts).join('  ');
  if (!isTTY) return line;
  const excess = Math.max(0, line.length - (columns ?? 80));
  const shortReason = excess > 0 ? `${reason.slice(0, -excess - 1)}…` : reason;
  const fitting = Object.values({ ...parts, reason: shortReason }).join('  ');
  return fitting.slice(0, columns).replace(`  ${state}`, `  ${coloured(state)}`);
}

const overrideText = ({ forced, isOver }: NonNullable<CircuitSighting['override']>): string =>
  ` (${forced}${isOver ? ', over' : ''})`;

const failuresText = (failures: number): string =>
  `${failures} ${failures === 1 ? 'failure' : 'failures'}`;

/** The first part of a UUID is enough to tell instances apart; other names stay as they are. */
const shortName = (by: string): string => by.replace(/^([0-9a-f]{8})-[0-9a-f-]{27}$/, '$1');

function coloured(state: string): string {
  const style = Object.entries(STATE_STYLES).find(([name]) => name === state)?.[1];
  return style ? styleText(style, state) : state;
}
