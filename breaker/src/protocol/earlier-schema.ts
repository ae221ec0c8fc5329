/** Items of the schema before this one, and how they are replaced. */
import { type Item, SCHEMA_VERSION } from './circuit.ts';
import { decodeItem } from './codec.ts';
import {
  type AttributeValue,
  type Changes,
  type Condition,
  NO_STREAK,
  type Write,
} from './conditional-write.ts';

/** What schema 1 called its times, and what they are called now. */
const RENAMED = {
  closedAt: 'closedAtMs',
  overrideUntil: 'overrideUntilMs',
  openUntil: 'openUntilMs',
  probeLeaseUntil: 'probeLeaseUntilMs',
  updatedAt: 'updatedAtMs',
} as const;
/** The streak ends, whatever it counted: a new one begins with the next failure. */
const REMOVED: Changes = {
  ...NO_STREAK,
  closedAt: undefined,
  overrideUntil: undefined,
  streakFailures: undefined,
  streakStartedAt: undefined,
  openUntil: undefined,
  probeLeaseUntil: undefined,
  updatedAt: undefined,
};

/** Every write of schema 1 changes one of these, so an item with the same ones is the same. */
const PINNED = ['schemaVersion', 'generation', 'probeOwner', 'updatedAt', 'updatedBy'] as const;

/**
 * The write that replaces an item of schema 1 by the same circuit in this schema; undefined for any
 * other item, and for one that makes no sense. Its new generation refuses whatever an instance of
 * the earlier version has under way, so no item is ever of both schemas:
 *
 *     earlier version  | reads generation 7 ......... trip, only if generation = 7: refused
 *     this version     |          upgrade: generation 8
 */
export function upgradeOf(item: Item | undefined): Write | undefined {
  if (item?.schemaVersion !== 1) return undefined;
  const decoded = decodeItem(inThisSchema(item));
  if ('problem' in decoded) return undefined;
  const set: Changes = { ...REMOVED, ...decoded.circuit };
  return { operation: 'upgrade', conditions: PINNED.map((name) => unchanged(name, item)), set };
}

/**
 * Where an attribute has both names, an instance of this version has written to an item that one of
 * the earlier version has made anew meanwhile; what it has written is the later.
 */
function inThisSchema(item: Item): Item {
  const times = Object.entries(RENAMED).map(([was, is]) => [is, item[is] ?? item[was]]);
  return {
    ...item,
    ...Object.fromEntries(times),
    ...NO_STREAK,
    schemaVersion: SCHEMA_VERSION,
    generation: Number(item.generation) + 1,
  };
}

/** The item was decoded, so that its values are texts and numbers. */
function unchanged(attribute: Condition['attribute'], item: Item): Condition {
  const value = item[attribute] as AttributeValue | undefined;
  return { attribute, is: 'equal', value };
}
