import type { CircuitStore, WriteResult } from '../ports.ts';
import type { Item } from '../state.ts';
import type { Condition, Write } from '../writes.ts';

/** A store for tests and for breakers within one process. `items`: to look at, or edit by hand. */
export function memoryStore(): CircuitStore & { readonly items: Map<string, Item> } {
  const items = new Map<string, Item>();
  return {
    items,
    read: async (name) => items.get(name),
    write: async (name, write) => {
      const result = applyWrite(items.get(name), write);
      if (result.applied) items.set(name, result.item);
      return result;
    },
  };
}

/** What a write does to an item: the reference for what every store must make of it. */
export function applyWrite(item: Item | undefined, write: Write): WriteResult {
  const { conditions, set, increment } = write;
  if (!conditions.every((one) => holds(item ?? {}, one))) return { applied: false, item };
  const counted = increment && { [increment]: Number(item?.[increment]) + 1 };
  const next = Object.entries({ ...item, ...set, ...counted });
  const present = next.filter(([, value]) => value !== undefined);
  return { applied: true, item: Object.fromEntries(present) };
}

function holds(item: Item, { attribute, is, value }: Condition): boolean {
  const actual = item[attribute];
  if (is === 'equal') return actual === value;
  if (typeof actual !== typeof value) return false;
  return is === 'below' ? Number(actual) < Number(value) : Number(actual) >= Number(value);
}
