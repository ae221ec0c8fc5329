import { StoreError } from '../errors.ts';
import type { CircuitStore } from '../ports.ts';
import type { Circuit, Item } from '../protocol/circuit.ts';
import { decodeItem } from '../protocol/codec.ts';
import type { Write } from '../protocol/conditional-write.ts';
import { upgradeOf } from '../protocol/earlier-schema.ts';

/** The answer to a write, with the circuit that it left behind or that refused it. */
export interface WriteAnswer {
  readonly applied: boolean;
  readonly circuit: Circuit;
  /** Whether an earlier attempt may have been applied. */
  readonly isRepeat: boolean;
}

/** How often an item of an earlier schema is replaced that instances of that version go on to write. */
const MAX_UPGRADES = 5;

interface StoreSettings {
  readonly name: string;
  readonly store: CircuitStore;
}

/**
 * The store of one circuit, whose items are circuits. An item that makes no sense is trouble of the
 * store like any other: it rejects with StoreError `malformed`, and this instance goes on in local
 * mode until somebody has corrected or deleted the item.
 */
export class DecodedStore {
  readonly #settings: StoreSettings;

  constructor(settings: StoreSettings) {
    this.#settings = settings;
  }

  async read(consistent: boolean): Promise<Circuit> {
    const { store, name } = this.#settings;
    return this.#circuitIn(await store.read(name, { consistent }));
  }

  async write(write: Write, isRepeat: boolean): Promise<WriteAnswer> {
    const { store, name } = this.#settings;
    const { applied, item } = await store.write(name, write);
    return { applied, circuit: await this.#circuitIn(item), isRepeat };
  }

  /** The circuit that an item holds. */
  #circuitIn(item: Item | undefined): Circuit | Promise<Circuit> {
    return upgradeOf(item) === undefined ? decodeOrThrow(item) : this.#upgraded(item);
  }

  /**
   * An item of an earlier schema is replaced first. What refuses that is looked at anew: somebody
   * else has replaced it, or an earlier version has written it again.
   */
  async #upgraded(found: Item | undefined): Promise<Circuit> {
    const { store, name } = this.#settings;
    let item = found;
    for (let upgrades = 0; upgrades < MAX_UPGRADES; upgrades++) {
      const upgrade = upgradeOf(item);
      if (upgrade === undefined) break;
      const answer = await store.write(name, upgrade);
      item = answer.item;
    }
    return decodeOrThrow(item);
  }
}

function decodeOrThrow(item: Item | undefined): Circuit {
  const decoded = decodeItem(item);
  if ('circuit' in decoded) return decoded.circuit;
  throw new StoreError('malformed', decoded.problem);
}
