/** What a write does to an item: the reference that every store must match. */
import type { Item } from './circuit.ts';
import type { Condition, Write } from './conditional-write.ts';
import { roundScore } from './score.ts';

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
    ...added(before, write),
  };
  return { applied: true, item: withoutUndefined(after) };
}

/** A sum of numbers with three decimals has three, as it has in DynamoDB. */
function added(item: Item, { add = {} }: Write): Item {
  const sums = Object.entries(add).map(([name, amount]) => {
    return [name, roundScore(Number(item[name]) + amount)];
  });
  return Object.fromEntries(sums);
}

function holds(item: Item, { attribute, is, value }: Condition): boolean {
  const actual = item[attribute];
  if (is === 'equal') return actual === value;
  if (typeof actual !== typeof value) return false;
  const [left, right] = [Number(actual), Number(value)];
  switch (is) {
    case 'below':
      return left < right;
    case 'atLeast':
      return left >= right;
    case 'atMost':
      return left <= right;
  }
}

/** `set` removes an attribute by setting it to undefined. */
function withoutUndefined(item: Item): Item {
  const entries = Object.entries(item);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
