import type { CircuitStore, WriteResult } from '../ports.ts';
import type { Item } from '../state.ts';
import type { Condition, Write } from '../writes.ts';

type Value = string | number;

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
  if (!write.conditions.every((condition) => holds(item ?? {}, condition)))
    return { applied: false, item };
  const next: Record<string, unknown> = { ...item, ...write.set };
  for (const attribute of write.remove) delete next[attribute];
  if (write.increment) next[write.increment] = Number(item?.[write.increment]) + 1;
  return { applied: true, item: next };
}

const COMPARE = {
  equal: (a: Value, b: Value) => a === b,
  below: (a: Value, b: Value) => a < b,
  atLeast: (a: Value, b: Value) => a >= b,
};

/** As DynamoDB compares: an absent attribute or one of another type never satisfies a comparison. */
function holds(item: Item, condition: Condition): boolean {
  const actual = item[condition.attribute];
  if (condition.is === 'absent') return actual === undefined;
  if (typeof actual !== typeof condition.value) return false;
  return COMPARE[condition.is](actual as Value, condition.value);
}
