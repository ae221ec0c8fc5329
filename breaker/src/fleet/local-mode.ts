import { applyWrite } from '../protocol/apply-write.ts';
import type { Circuit } from '../protocol/circuit.ts';
import { encodeCircuit } from '../protocol/codec.ts';
import type { Write } from '../protocol/conditional-write.ts';
import { hasLiveStreak } from '../protocol/fair-sample.ts';
import { type Observation, observe, type View } from '../protocol/view.ts';

/** What says that somebody has decided on the fleet's circuit. */
const DECISIVE = ['generation', 'state', 'override', 'overrideUntilMs'] as const;

/** What an answer of the store shows. */
export interface StoreEvidence {
  /** The fleet's circuit, by that answer. */
  readonly fleetCircuit: Circuit;
  /** Whether writes reach the fleet: one was just answered, or none has failed. */
  readonly canWrite: boolean;
  readonly nowMs: number;
  readonly streakWindowMs: number;
}

/**
 * This instance's own circuit, while it decides without the fleet: the store is out of reach, or
 * failures cannot be written. It begins as a copy of the fleet's circuit and is changed by the same
 * writes under the same rules (docs/adr/0006).
 */
export class LocalMode {
  /** Names this time of local mode: what was decided in another means nothing in this one. */
  readonly id: number;
  /** The fleet's circuit that local mode began with. */
  readonly #from: Circuit;
  #view: View;

  constructor(id: number, fleetView: View) {
    this.id = id;
    this.#from = fleetView.circuit;
    this.#view = fleetView;
  }

  get view(): View {
    return this.#view;
  }

  /** The circuit after the write; undefined if the write's conditions do not hold. */
  commit(write: Write, at: Observation): Circuit | undefined {
    const { applied, item } = applyWrite(encodeCircuit(this.#view.circuit), write);
    if (!applied) return undefined;
    // The codec has nothing to check here: a write leaves a circuit of a circuit.
    const circuit = item as unknown as Circuit;
    this.#view = observe(this.#view, circuit, at);
    return circuit;
  }

  /**
   * One late answer is no reason for every instance to probe on its own: without the store an open
   * circuit waits for a whole period more.
   */
  waitUntilAtLeast(untilMs: number): void {
    if (this.#view.circuit.state === 'CLOSED') return;
    const waitUntilMs = Math.max(this.#view.waitUntilMs, untilMs);
    this.#view = { ...this.#view, waitUntilMs };
  }

  /** Looks at its wait again, for the clock may have been set back. */
  reconsider(at: Observation): void {
    this.#view = observe(this.#view, this.#view.circuit, at);
  }

  /**
   * Whether the fleet can protect this instance again. Where failures cannot be written,
   * this circuit has to stand in as long as it knows of some that the fleet does not: until the fleet
   * has moved on by itself, or the downstream has recovered.
   */
  isOver(evidence: StoreEvidence): boolean {
    const { fleetCircuit, canWrite, nowMs, streakWindowMs } = evidence;
    if (canWrite || this.hasFleetMovedOn(fleetCircuit)) return true;
    return [fleetCircuit, this.#view.circuit].every(
      (circuit) => circuit.state === 'CLOSED' && !hasLiveStreak(circuit, nowMs, streakWindowMs),
    );
  }

  /**
   * Whether the fleet has made a transition since local mode began, or somebody has edited its state
   * or override manually, without a new generation.
   */
  hasFleetMovedOn(fleetCircuit: Circuit): boolean {
    return DECISIVE.some((attribute) => fleetCircuit[attribute] !== this.#from[attribute]);
  }
}
