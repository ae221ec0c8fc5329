import { StoreError } from '../errors.ts';
import { type Circuit, type Item, NEVER_WRITTEN, SCHEMA_VERSION } from '../state.ts';

type Check = (value: unknown) => boolean;

const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const time: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const text: Check = (value) => typeof value === 'string';
const oneOf =
  (...allowed: unknown[]): Check =>
  (value) =>
    allowed.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const COMMON: Record<string, Check> = {
  schemaVersion: oneOf(SCHEMA_VERSION),
  state: oneOf('CLOSED', 'OPEN', 'HALF_OPEN'),
  generation: count,
  streakId: count,
  reopenings: count,
  closedAt: optional(time),
  override: optional(oneOf('FORCED_OPEN', 'FORCED_CLOSED')),
  overrideUntil: optional(time),
  updatedBy: text,
  reason: text,
  updatedAt: time,
};

const BY_STATE: Record<Circuit['state'], Record<string, Check>> = {
  CLOSED: { streakFailures: optional(count), streakStartedAt: optional(time) },
  OPEN: { openUntil: time, openDurationMs: time },
  HALF_OPEN: {
    probeOwner: optional(text),
    probeLeaseUntil: optional(time),
    probesIssued: count,
    probesOk: count,
    probesFailed: count,
  },
};

/** Attributes that mean something only together. */
const PAIRS = [
  ['streakFailures', 'streakStartedAt'],
  ['probeOwner', 'probeLeaseUntil'],
] as const;

/**
 * Reads an item as a circuit; none at all is one that was never written. Attributes that the state
 * does not have are left out. Throws StoreError `malformed`, naming each attribute and its value.
 */
export function decode(item: Item | undefined): Circuit {
  if (item === undefined) return NEVER_WRITTEN;
  const checks = { ...COMMON, ...BY_STATE[item.state as Circuit['state']] };
  const problems = Object.entries(checks)
    .filter(([name, check]) => !check(item[name]))
    .map(([name]) => `${name} = ${JSON.stringify(item[name])}`);
  for (const [a, b] of PAIRS)
    if (a in checks && (item[a] === undefined) !== (item[b] === undefined))
      problems.push(`${a} without ${b} or the reverse`);
  if (problems.length > 0)
    throw new StoreError('malformed', `The circuit's item makes no sense: ${problems.join(', ')}`);
  const known = Object.entries(item).filter(
    ([name, value]) => name in checks && value !== undefined,
  );
  return Object.fromEntries(known) as unknown as Circuit;
}
