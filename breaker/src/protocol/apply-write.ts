/** What a write does to an item: the reference that every store must match. */
import type { Item } from './circuit.ts';
import type { Condition, Write } from './conditional-write.ts';

/**
 * The answer to a write. `item` is what an applied write left behind, or what
 * refused it: undefined where there is no item.
 */
export type WriteResult =
  | { readonly applied: true; readonly item: Item }
  | { readonly applied: false; readonly item: Item | undefined };

export function applyWrite(item: Item | undefined, write: Write): WriteResult {
  const before = item ?? {};
  if (!write.conditions.every((condition) => holds(before, condition)))
    return { applied: false, item };
  const after: Item = {
    ...before,
    ...write.set,
    ...incremented(before, write),
  };
  return { applied: true, item: withoutUndefined(after) };
}

function incremented(item: Item, { increment }: Write): Item {
  if (increment === undefined) return {};
  return { [increment]: Number(item[increment]) + 1 };
}

function holds(item: Item, { attribute, is, value }: Condition): boolean {
  const actual = item[attribute];
  if (is === 'equal') return actual === value;
  if (typeof actual !== typeof value) return false;
  if (is === 'below') return Number(actual) < Number(value);
  return Number(actual) >= Number(value);
}

/** `set` removes an attribute by setting it to undefined. */
function withoutUndefined(item: Item): Item {
  const entries = Object.entries(item);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
