import type { StoreError } from '../errors.ts';
import type { Settings } from '../options.ts';
import type { Transition } from '../ports.ts';
import { type Circuit, stateInForce } from '../protocol/circuit.ts';
import { isResultOf, isTransition, type Write } from '../protocol/conditional-write.ts';

/** A write, and the circuit that it was made on. */
export interface MadeWrite {
  readonly write: Write;
  readonly from: Circuit;
}

/** While the store answers nobody, instances go on trying: the earliest attempts are forgotten. */
const MAX_UNCONFIRMED = 8;

type AnnouncerSettings = Pick<Settings, 'name' | 'onTransition' | 'onStoreChange'>;

/**
 * Publishes each transition that this instance makes to `onTransition`, once, and each change of
 * the store's condition to `onStoreChange`.
 *
 * The answer to a write may be lost. Then its transition is unconfirmed, and is
 * published when the item turns out to carry it:
 *
 *     applied      --> published
 *     unconfirmed  --> observed in the item --> published
 *                  \-> overtaken by another  --> never published
 */
export class Announcer {
  readonly #settings: AnnouncerSettings;
  /** The latest transitions whose answers were lost: any of those of one generation may be made. */
  #unconfirmed: readonly MadeWrite[] = [];
  /** Two calls of an instance may both find that they made a transition. */
  #lastPublishedKey = '';
  /** The answer to one of these may still come, even after later ones were published. */
  readonly #writesOfFleet = new WeakSet<Write>();
  #isStoreAvailable = true;

  constructor(settings: AnnouncerSettings) {
    this.#settings = settings;
  }

  /** A write was applied and left `to` behind. */
  applied(made: MadeWrite, to: Circuit, scope: Transition['scope']): void {
    const { from } = made;
    if (to.generation === from.generation) return;
    const key = `${scope} ${to.generation} ${to.updatedAtMs}`;
    if (key === this.#lastPublishedKey) return;
    if (scope === 'fleet' && this.#writesOfFleet.has(made.write)) return;
    this.#lastPublishedKey = key;
    if (scope === 'fleet') this.#writesOfFleet.add(made.write);
    this.#publishTransition(made, to, scope);
  }

  /** The answer to a write was lost: it may have been applied. */
  unconfirmed(made: MadeWrite): void {
    if (!isTransition(made.write) || this.#unconfirmed.includes(made)) return;
    this.#unconfirmed = [...this.#unconfirmed, made].slice(-MAX_UNCONFIRMED);
  }

  /** The store's item was seen to be `circuit`. */
  observed(circuit: Circuit): void {
    const made = this.#unconfirmed.find(({ write }) => isResultOf(write, circuit));
    // Whatever the item has reached by now was made by this one, or is overtaken.
    const isOpen = ({ write }: MadeWrite) => Number(write.set.generation) > circuit.generation;
    this.#unconfirmed = this.#unconfirmed.filter(isOpen);
    if (made) this.applied(made, circuit, 'fleet');
  }

  /** The store is out of reach, or cannot be written, so this instance is in local mode. */
  storeUnavailable(error: StoreError): void {
    if (!this.#isStoreAvailable) return;
    this.#isStoreAvailable = false;
    const { name, onStoreChange } = this.#settings;
    onStoreChange({ name, available: false, error });
  }

  /** The store has answered in time, and nothing is decided without it any more. */
  storeAvailable(): void {
    if (this.#isStoreAvailable) return;
    this.#isStoreAvailable = true;
    const { name, onStoreChange } = this.#settings;
    onStoreChange({ name, available: true });
  }

  #publishTransition({ write, from }: MadeWrite, to: Circuit, scope: Transition['scope']): void {
    const { name, onTransition } = this.#settings;
    onTransition({
      name,
      from: stateInForce(from, to.updatedAtMs),
      to: stateInForce(to, to.updatedAtMs),
      operation: write.operation,
      generation: to.generation,
      override: to.override,
      reason: to.reason,
      atMs: to.updatedAtMs,
      by: to.updatedBy,
      scope,
    });
  }
}
