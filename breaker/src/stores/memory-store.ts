import type { CircuitStore } from '../ports.ts';
import { applyWrite } from '../protocol/apply-write.ts';
import type { Item } from '../protocol/circuit.ts';

/** A store in the process's own memory, whose items can be looked at and edited. */
export interface MemoryStore extends CircuitStore {
  /** The items by circuit name, to look at or to edit. */
  readonly items: Map<string, Item>;
}

/**
 * A store for tests, and for breakers that share one process. Its writes are atomic because nothing
 * is awaited between the test of the conditions and the change.
 */
export function memoryStore(): MemoryStore {
  const items = new Map<string, Item>();
  return {
    items,
    async read(name) {
      return items.get(name);
    },
    async write(name, write) {
      const result = applyWrite(items.get(name), write);
      if (result.applied) items.set(name, result.item);
      return result;
    },
  };
}
