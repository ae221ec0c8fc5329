/**
 * A circuit: what the one shared item says about a downstream.
 *
 * Times are epoch milliseconds of the instance that wrote them (`...AtMs`,
 * `...UntilMs`), durations are milliseconds.
 */

/**
 * The version of the attributes below. An item of the version before it is replaced
 * (earlier-schema.ts); one of any other is malformed.
 */
export const SCHEMA_VERSION = 2;

interface CommonAttributes {
  /** 0 stands for a circuit that has no item yet; it is never stored. */
  readonly schemaVersion: typeof SCHEMA_VERSION | 0;
  /**
   * The fencing token. Every transition, takeover of a lease and override adds
   * 1, so a result or a write of an earlier generation can be recognised and dropped.
   */
  readonly generation: number;
  /** The number of the latest streak of failures. It never goes back. */
  readonly streakId: number;
  /** Consecutive reopenings: the exponent of the open period's back-off. */
  readonly reopenings: number;
  /** When the circuit last recovered; absent if it never did. */
  readonly closedAtMs?: number;
  readonly override?: Override;
  /** When the override ends by itself; absent if it lasts until released. */
  readonly overrideUntilMs?: number;
  /** The `instanceId` of the last writer. */
  readonly updatedBy: string;
  /** Why the circuit is as it is, for people. */
  readonly reason: string;
  readonly updatedAtMs: number;
}

/** All calls are admitted; a streak is a row of failures that may come to trip it. */
export interface ClosedCircuit extends CommonAttributes {
  readonly state: 'CLOSED';
  /** The score of the open streak (score.ts); absent if no streak is open. */
  readonly streakScore?: number;
  /** Results that the open streak has counted, successes and failures. */
  readonly streakReports?: number;
  readonly streakStartedAtMs?: number;
  /** How long successes usually take, as far as the writer of a streak or a recovery knew (latency.ts). */
  readonly usualMs?: number;
  /** When a success ended a streak last; absent if none did since the circuit closed. */
  readonly clearedAtMs?: number;
  /** Reports that there would have been without sampling, since `sampledSinceMs`. */
  readonly sampledCalls?: number;
  readonly sampledSinceMs?: number;
}

/** All calls are refused until `openUntilMs`, after which one claims the probe. */
export interface OpenCircuit extends CommonAttributes {
  readonly state: 'OPEN';
  readonly openUntilMs: number;
  /** The length of the open period, for readers whose clock differs. */
  readonly openDurationMs: number;
}

/** All calls are refused but the probe, which its owner has for the time of a lease. */
export interface HalfOpenCircuit extends CommonAttributes {
  readonly state: 'HALF_OPEN';
  /** The probe under way; absent if none is. */
  readonly probeOwner?: string;
  /** When the prober is taken to be dead; absent if no probe is under way. */
  readonly probeLeaseUntilMs?: number;
  /** Probes begun, succeeded and failed since the circuit became half-open. */
  readonly probesIssued: number;
  readonly probesOk: number;
  readonly probesFailed: number;
}

export type Circuit = ClosedCircuit | OpenCircuit | HalfOpenCircuit;
export type CircuitState = Circuit['state'];

/** What an operator may force upon a circuit. */
export type Override = 'FORCED_OPEN' | 'FORCED_CLOSED';

/** The name of an attribute of the item. Those of schema 1 are removed where it is replaced. */
export type Attribute =
  | keyof ClosedCircuit
  | keyof OpenCircuit
  | keyof HalfOpenCircuit
  | Schema1Attribute;

/** The names that schema 1 had for what now is called otherwise, or is no more. */
export type Schema1Attribute =
  | 'closedAt'
  | 'overrideUntil'
  | 'streakFailures'
  | 'streakStartedAt'
  | 'openUntil'
  | 'probeLeaseUntil'
  | 'updatedAt';

/** The attributes as a store keeps them, not yet checked by the codec. */
export type Item = Readonly<Record<string, unknown>>;

/** A circuit that has no item is closed, and nothing has happened to it. */
export const ABSENT_CIRCUIT: ClosedCircuit = Object.freeze({
  schemaVersion: 0,
  state: 'CLOSED',
  generation: 0,
  streakId: 0,
  reopenings: 0,
  updatedBy: '',
  reason: 'never written',
  updatedAtMs: 0,
});

/** Whether the circuit has no item, so that the next write creates one. */
export function isAbsent(circuit: Circuit): boolean {
  return circuit.schemaVersion === 0;
}

/** The override in force at `nowMs`. One that has run out counts as none. */
export function overrideInForce(circuit: Circuit, nowMs: number): Override | undefined {
  const { override, overrideUntilMs } = circuit;
  if (overrideUntilMs !== undefined && nowMs >= overrideUntilMs) return undefined;
  return override;
}

/** The state that callers meet: an override shows as the state it forces. */
export function stateInForce(circuit: Circuit, nowMs: number): CircuitState {
  switch (overrideInForce(circuit, nowMs)) {
    case 'FORCED_OPEN':
      return 'OPEN';
    case 'FORCED_CLOSED':
      return 'CLOSED';
    default:
      return circuit.state;
  }
}

/**
 * Whether `a` is certainly an earlier version than `b`.
 *
 * Within a generation only streaks tell versions apart: their number grows, and
 * so do their reports until the streak ends. No open streak is therefore later
 * than any number of reports of the same `streakId`.
 */
export function isOlder(a: Circuit, b: Circuit): boolean {
  if (a.generation !== b.generation) return a.generation < b.generation;
  if (a.state !== 'CLOSED' || b.state !== 'CLOSED') return false;
  if (a.streakId !== b.streakId) return a.streakId < b.streakId;
  const reportsOfA = a.streakReports ?? Infinity;
  const reportsOfB = b.streakReports ?? Infinity;
  return reportsOfA < reportsOfB;
}
