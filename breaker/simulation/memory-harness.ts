import { type CircuitStore, type Item, memoryStore } from 'fleet-breaker';

/** A store, and a way past it to the item. */
export interface Harness {
  readonly store: CircuitStore;
  /** Puts an item there past the store; undefined: none. */
  put(name: string, item: object | undefined): Promise<void>;
  /** The latest item, without its key. */
  get(name: string): Promise<Item | undefined>;
}

export function memoryHarness(): Harness {
  const store = memoryStore();
  return {
    store,
    get: async (name) => store.items.get(name),
    async put(name, item) {
      if (item) store.items.set(name, { ...item });
      else store.items.delete(name);
    },
  };
}
