import type { Item } from 'fleet-breaker';
import { ExploredFleet } from './explored-fleet.ts';
import { type Plan, RULES } from './plan.ts';
import { type Kind, stepOf } from './steps.ts';

export type Start = Plan['start'];

const NEVER_WRITTEN: Start = { item: undefined, elapsedMs: 0 };

const FAILURE = ['call', 'fail', 'arrive'] as const;
const TRIP = [...FAILURE, ...FAILURE] as const;
const CLAIM = [...TRIP, 'period', 'call', 'arrive'] as const;
const FIRST_PROBE_FAILS = [...CLAIM, 'fail', 'arrive'] as const;
const FORCED_CLOSED_SHORTLY = ['forceClosedShortly', 'arrive', 'period'] as const;
/** Somebody writes an override into a half-open circuit, where no write leaves one, and it runs out. */
const FORCED_BY_HAND = [
  ...['editOverride', 'editOverrideEnd', 'period', 'period', 'period', 'period'],
  ...['period', 'period', 'period', 'period'],
] as const;

/**
 * Items to begin with, so that schedules need not spend their steps on how the circuit got there.
 * One instance, which is no more, has brought the circuit to each by the library's own rules, to some
 * of them with the help of people.
 */
const WAYS = {
  'never written': [],
  recovered: [...CLAIM, 'succeed', 'arrive'],
  failing: FAILURE,
  'failing for a while': [...FAILURE, 'period'],
  'failing twice': [...FAILURE, 'period', ...FAILURE],
  open: TRIP,
  due: [...TRIP, 'period'],
  'prober gone': [...CLAIM, 'while', 'while', 'while', 'period'],
  'between probes': FIRST_PROBE_FAILS,
  'between probes, forced by hand before': [...FIRST_PROBE_FAILS, ...FORCED_BY_HAND],
  'prober gone, forced by hand before': [...CLAIM, ...FORCED_BY_HAND],
  'forced closed till now': FORCED_CLOSED_SHORTLY,
  'failing, forced closed before': [...FORCED_CLOSED_SHORTLY, ...FAILURE],
  'failing twice, forced closed before': [
    ...FORCED_CLOSED_SHORTLY,
    ...FAILURE,
    'period',
    ...FAILURE,
  ],
  'released just now': ['forceOpen', 'arrive', 'release', 'arrive'],
  'forced open till now': ['forceOpenShortly', 'arrive', 'period'],
} as const satisfies Record<string, readonly Kind[]>;

export type StartName = keyof typeof WAYS;

/** What a plan says of itself; the rest is as in most of them. */
export type Outline = Pick<Plan, 'name' | 'calls' | 'passes'> &
  Partial<Omit<Plan, 'start'>> & { readonly from: StartName };

export function startFrom(name: StartName, options: Plan['options'] = RULES): Start {
  const way: readonly Kind[] = WAYS[name];
  if (way.length === 0) return NEVER_WRITTEN;
  const fleet = new ExploredFleet({
    name,
    options,
    instances: 1,
    isPrompt: true,
    start: NEVER_WRITTEN,
    calls: way.length,
    passes: way.length,
    words: way.length,
    faults: 0,
    mayFail: [],
    mayBeSaid: [],
  });
  for (const kind of way) {
    const isOperators = fleet.operator.executing > 0 || kind.startsWith('force');
    const [instance] = isOperators ? [fleet.operator] : fleet.instances;
    const isThere = kind === 'arrive' ? instance?.contacts.length : instance?.calls.length;
    // A library with a defect may not get that far; what it does instead is for the plans to judge.
    if (['arrive', 'fail', 'succeed'].includes(kind) && !isThere) break;
    fleet.perform(stepOf(kind, isOperators ? 1 : 0));
  }
  const { item, previous, time } = fleet;
  return { item: byAnother(item), previous: byAnother(previous), elapsedMs: time.elapsedMs };
}

/** The instance that wrote the item is none of those to come. */
function byAnother(item: Item | undefined): Item | undefined {
  if (!item) return undefined;
  return JSON.parse(JSON.stringify(item).replaceAll(/"[ao]1(?=["#])/g, '"z1'));
}
