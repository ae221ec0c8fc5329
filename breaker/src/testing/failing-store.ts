import { StoreError } from '../errors.ts';
import type { CircuitStore } from '../ports.ts';
import { memoryStore } from '../stores/memory-store.ts';

/**
 * What a contact with the store meets.
 * - `unavailable`: an error, as of a table that is missing or a permission.
 * - `throttled`: the store refuses it for its rate.
 * - `hangs`: no answer, ever.
 */
export type StoreTrouble = 'unavailable' | 'throttled' | 'hangs';

/** A store that fails on request. */
export interface FailingStore extends CircuitStore {
  /** From now on every contact fails; or, where `contact` is given, every one of that kind. */
  failWith(trouble: StoreTrouble, contact?: 'read' | 'write'): void;
  /** From now on every contact reaches the store again. */
  heal(): void;
}

/** Nothing fails at first. `store` is what is behind it: an empty memory store, unless given. */
export function failingStore(store: CircuitStore = memoryStore()): FailingStore {
  const troubles: { read?: StoreTrouble; write?: StoreTrouble } = {};
  return {
    async read(...contact) {
      await meet(troubles.read);
      return store.read(...contact);
    },
    async write(...contact) {
      await meet(troubles.write);
      return store.write(...contact);
    },
    failWith(trouble, contact) {
      if (contact !== 'write') troubles.read = trouble;
      if (contact !== 'read') troubles.write = trouble;
    },
    heal() {
      delete troubles.read;
      delete troubles.write;
    },
  };
}

async function meet(trouble: StoreTrouble | undefined): Promise<void> {
  if (trouble === undefined) return;
  if (trouble === 'hangs') await new Promise(() => {});
  else throw new StoreError(trouble, `The test's store is ${trouble}`);
}
