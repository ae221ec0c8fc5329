/** The circuit for people, as `status()` shows it. */
import { type Attribute, type Circuit, stateInForce } from './protocol/circuit.ts';

/** The attributes that are times, and what people read them as. */
const TIMES: Readonly<Partial<Record<Attribute, string>>> = {
  closedAtMs: 'closedAt',
  overrideUntilMs: 'overrideUntil',
  streakStartedAtMs: 'streakStartedAt',
  clearedAtMs: 'clearedAt',
  sampledSinceMs: 'sampledSince',
  openUntilMs: 'openUntil',
  probeLeaseUntilMs: 'probeLeaseUntil',
  updatedAtMs: 'updatedAt',
};

/** The circuit's attributes for people: the state in force, times in ISO 8601. */
export function describeCircuit(circuit: Circuit, nowMs: number) {
  const described = Object.entries(circuit).map(([name, value]) => {
    const readable = TIMES[name as Attribute];
    if (readable === undefined) return [name, value];
    return [readable, isoTime(Number(value))];
  });
  return {
    ...(Object.fromEntries(described) as Record<string, unknown>),
    state: stateInForce(circuit, nowMs),
    generation: circuit.generation,
    reason: circuit.reason,
  };
}

/** The absent circuit was updated never, and has no time to show. */
function isoTime(atMs: number): string | number {
  return atMs > 0 ? new Date(atMs).toISOString() : atMs;
}
