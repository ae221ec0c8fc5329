/** The attributes of a circuit's item. Times are epoch milliseconds of the instance that wrote them. */

interface Common {
  readonly schemaVersion: 1;
  /** Fencing token: +1 on every transition, lease takeover and operator's word. */
  readonly generation: number;
  /** Number of the latest streak of failures; it never goes back, so a late writer can be told. */
  readonly streakId: number;
  /** Consecutive reopenings, the exponent of the open period's backoff. */
  readonly reopenings: number;
  readonly closedAt?: number;
  readonly override?: Override;
  /** When the override ends by itself; absent: when it is released. */
  readonly overrideUntil?: number;
  readonly updatedBy: string;
  readonly reason: string;
  readonly updatedAt: number;
}

export interface ClosedCircuit extends Common {
  readonly state: 'CLOSED';
  /** Of the open streak; absent: no streak is open. */
  readonly streakFailures?: number;
  readonly streakStartedAt?: number;
}

export interface OpenCircuit extends Common {
  readonly state: 'OPEN';
  readonly openUntil: number;
  readonly openDurationMs: number;
}

export interface HalfOpenCircuit extends Common {
  readonly state: 'HALF_OPEN';
  /** Who makes the probe that is under way, and when it is given up for dead; absent: none is. */
  readonly probeOwner?: string;
  readonly probeLeaseUntil?: number;
  readonly probesIssued: number;
  readonly probesOk: number;
  readonly probesFailed: number;
}

export type Circuit = ClosedCircuit | OpenCircuit | HalfOpenCircuit;
export type CircuitState = Circuit['state'];
export type Override = 'FORCED_OPEN' | 'FORCED_CLOSED';
export type Attribute = keyof ClosedCircuit | keyof OpenCircuit | keyof HalfOpenCircuit;

/** What a store keeps: the attributes as they are, not yet checked. */
export type Item = Readonly<Record<string, unknown>>;

/** What a missing item means. */
export const NEVER_WRITTEN: ClosedCircuit = Object.freeze({
  schemaVersion: 1,
  state: 'CLOSED',
  generation: 0,
  streakId: 0,
  reopenings: 0,
  updatedBy: '',
  reason: 'never written',
  updatedAt: 0,
});

/** The override in force at `nowMs`. One that has run out is as good as none. */
export function overrideInForce(circuit: Circuit, nowMs: number): Override | undefined {
  const { override, overrideUntil = Infinity } = circuit;
  return nowMs < overrideUntil ? override : undefined;
}

/** Whether `a` is certainly an earlier version than `b`. A streak only grows until it is cleared. */
export function isOlder(a: Circuit, b: Circuit): boolean {
  if (a.generation !== b.generation) return a.generation < b.generation;
  if (a.state !== 'CLOSED' || b.state !== 'CLOSED') return false;
  if (a.streakId !== b.streakId) return a.streakId < b.streakId;
  return (a.streakFailures ?? Infinity) < (b.streakFailures ?? Infinity);
}
