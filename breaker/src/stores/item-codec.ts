import { StoreError } from '../errors.ts';
import { type Circuit, type Item, NEVER_WRITTEN } from '../state.ts';

/** What makes a value of each attribute sensible; every one not named here is a number, 0 or more. */
const CHECKS: Record<string, (value: unknown) => boolean> = {
  schemaVersion: (value) => value === NEVER_WRITTEN.schemaVersion,
  state: (value) => OF_STATE.has(value),
  override: (value) => value === 'FORCED_OPEN' || value === 'FORCED_CLOSED',
  probeOwner: (value) => typeof value === 'string',
  updatedBy: (value) => typeof value === 'string',
  reason: (value) => typeof value === 'string',
};
/** The largest is the latest time that a Date can tell. */
const isAmount = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 8.64e15;

const REQUIRED = Object.keys(NEVER_WRITTEN);
const OPTIONAL = ['closedAt', 'override', 'overrideUntil'];
const PROBES = ['probesIssued', 'probesOk', 'probesFailed'];
/** Of each state: what it must have, and what it has either all of or none. */
const OF_STATE = new Map<unknown, { must: string[]; together: string[] }>([
  ['CLOSED', { must: [], together: ['streakFailures', 'streakStartedAt'] }],
  ['OPEN', { must: ['openUntil', 'openDurationMs'], together: [] }],
  ['HALF_OPEN', { must: PROBES, together: ['probeOwner', 'probeLeaseUntil'] }],
]);

/** Leaves out attributes of other states. Throws StoreError `malformed`, naming what makes no sense. */
export function decode(item: Item | undefined): Circuit {
  if (item === undefined) return NEVER_WRITTEN;
  const { must, together } = OF_STATE.get(item.state) ?? { must: [], together: [] };
  const isPresent = (name: string) => item[name] !== undefined;
  const required = [...REQUIRED, ...must, ...(together.some(isPresent) ? together : [])];
  const known = [...required, ...OPTIONAL.filter(isPresent)];
  const problems = known.filter((name) => !(CHECKS[name] ?? isAmount)(item[name]));
  if (problems.length > 0) {
    const listed = problems.map((name) => `${name} = ${JSON.stringify(item[name])}`).join(', ');
    throw new StoreError('malformed', `The circuit's item makes no sense: ${listed}`);
  }
  return Object.fromEntries(known.map((name) => [name, item[name]])) as unknown as Circuit;
}
