import { StoreError } from '../errors.ts';
import type { CircuitStore } from '../ports.ts';
import type { Circuit, Item } from '../protocol/circuit.ts';
import { decodeItem } from '../protocol/codec.ts';
import type { Write } from '../protocol/conditional-write.ts';

/** The answer to a write, with the circuit that it left behind or that refused it. */
export interface WriteAnswer {
  readonly applied: boolean;
  readonly circuit: Circuit;
  /** Whether an earlier attempt may have been applied. */
  readonly isRepeat: boolean;
}

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
    return decodeOrThrow(await store.read(name, { consistent }));
  }

  async write(write: Write, isRepeat: boolean): Promise<WriteAnswer> {
    const { store, name } = this.#settings;
    const { applied, item } = await store.write(name, write);
    return { applied, circuit: decodeOrThrow(item), isRepeat };
  }
}

function decodeOrThrow(item: Item | undefined): Circuit {
  const decoded = decodeItem(item);
  if ('circuit' in decoded) return decoded.circuit;
  throw new StoreError('malformed', decoded.problem);
}
