import type { CircuitState, StoredCircuit } from '../frames.ts';

/** An operator's override, as long as it lasts. */
export function overrideInForce(circuit: StoredCircuit, nowMs: number): string | undefined {
  const { override, overrideUntilMs = Infinity } = circuit;
  return nowMs < overrideUntilMs ? override : undefined;
}

/** The state that callers meet: an override shows as the state it forces. */
export function stateInForce(circuit: StoredCircuit, nowMs: number): CircuitState {
  const override = overrideInForce(circuit, nowMs);
  if (override === 'FORCED_OPEN') return 'OPEN';
  return override === 'FORCED_CLOSED' ? 'CLOSED' : circuit.state;
}
