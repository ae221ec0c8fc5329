import { InvalidOptionsError } from './errors.ts';
import type { CallRecord, CircuitStore, Clock, StoreChange, Transition } from './ports.ts';
import { systemClock } from './system.ts';
import type { Verdict } from './transitions.ts';
import type { Rules } from './writes.ts';

/** What a call came to: what it returned, or what it threw. */
export type CallResult = { readonly value: unknown } | { readonly error: unknown };

export interface BreakerOptions extends Partial<Rules> {
  /** The circuit's name: one per downstream. The key of its item; the same in the whole fleet. */
  readonly name: string;
  readonly store: CircuitStore;
  /** A call still running then counts as failed, without being cut. Default: none. */
  readonly slowCallMs?: number;
  /** How long a view of a closed circuit serves without a read. Default 0: one read per call. */
  readonly viewTtlMs?: number;
  /** Kept free of the time that `remainingMs` tells, to report and to answer. Default 300. */
  readonly reserveMs?: number;
  /** The longest wait for one store call. Default 60, 120, and 500 for the first, which connects. */
  readonly storeBudget?: Partial<Record<'readMs' | 'writeMs' | 'firstReadMs', number>>;
  /** What a call's result says of the downstream's health. Default: `defaultClassify`. */
  readonly classify?: (result: CallResult) => Verdict;
  /** Told by the instance whose write made the transition, once. Listeners must not throw. */
  readonly onTransition?: (transition: Transition) => void;
  readonly onCall?: (call: CallRecord) => void;
  readonly onStoreChange?: (change: StoreChange) => void;
  /** This instance in the item and in events. Default: random. */
  readonly instanceId?: string;
  readonly clock?: Clock;
  /** In [0, 1). Default: Math.random. */
  readonly random?: () => number;
}

export type Settings = ReturnType<typeof withDefaults>;

/** The options with their defaults. Throws InvalidOptionsError naming every problem at once. */
export function loadOptions(options: BreakerOptions): Settings {
  const settings = withDefaults(options);
  const problems = problemsOf(settings).map((problem) => `\n- ${problem}`);
  if (problems.length > 0) throw new InvalidOptionsError(`Invalid options:${problems.join('')}`);
  return settings;
}

/**
 * 5xx, 429 and 408 are failures. Any other 4xx is an answer that says nothing about health: the
 * downstream is there, but a refused request is no proof that it can do its work.
 */
export function classifyHttpStatus(status: number): Verdict {
  if (status >= 500 || status === 429 || status === 408) return 'failure';
  return status >= 400 ? 'ignored' : 'success';
}

/** An error is a failure; a value is a success; either is told by its HTTP `status` if it has one. */
export function defaultClassify(result: CallResult): Verdict {
  const status = statusOf(result);
  if (status !== undefined) return classifyHttpStatus(status);
  return 'error' in result ? 'failure' : 'success';
}

export function statusOf(result: CallResult): number | undefined {
  const subject = 'error' in result ? result.error : result.value;
  const status = (subject as { status?: unknown } | null | undefined)?.status;
  return typeof status === 'number' && status >= 100 && status < 600 ? status : undefined;
}

/** The longest that a timer can wait; later times in the item would be no dates. */
const MOST = 2 ** 31 - 1;

const DEFAULTS = {
  failureThreshold: 5,
  callTimeoutMs: 2_000,
  streakWindowMs: 30_000,
  openMs: 5_000,
  probes: { max: 1, need: 1 },
  slowCallMs: MOST,
  viewTtlMs: 0,
  reserveMs: 300,
  classify: defaultClassify,
  clock: systemClock,
  random: Math.random,
};

function withDefaults(given: BreakerOptions) {
  // An option given as undefined is one not given.
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const options: BreakerOptions = Object.fromEntries(present) as never;
  return {
    ...DEFAULTS,
    maxOpenMs: Math.max(30_000, options.openMs ?? 0),
    instanceId: options.instanceId ?? crypto.randomUUID(),
    ...options,
    storeBudget: { readMs: 60, writeMs: 120, firstReadMs: 500, ...options.storeBudget },
  };
}

const FROM_ZERO = ['viewTtlMs', 'reserveMs'] as const;
const FROM_ONE = [
  'failureThreshold',
  'callTimeoutMs',
  'slowCallMs',
  'openMs',
  'streakWindowMs',
] as const;

function problemsOf(settings: Settings): string[] {
  const { name, store, probes, storeBudget, openMs, maxOpenMs } = settings;
  const problems: string[] = [];
  const expect = (holds: boolean, option: string, value: unknown, form: string) => {
    if (!holds) problems.push(`${option}: got ${JSON.stringify(value)}, expected ${form}`);
  };
  const atLeast = (least: number, option: string, value: unknown) => {
    const unit = option.endsWith('Ms') ? ' of milliseconds' : '';
    const isWithin = Number.isInteger(value) && Number(value) >= least && Number(value) <= MOST;
    expect(isWithin, option, value, `a whole number${unit} up to ${MOST}, at least ${least}`);
  };
  expect(typeof name === 'string' && name !== '', 'name', name, 'a non-empty string');
  // Its type alone: a client of the SDK, given by mistake, cannot be shown as JSON.
  const given = store && typeof store;
  expect(typeof store?.read === 'function', 'store', given, 'a store, such as memoryStore()');
  for (const option of FROM_ONE) atLeast(1, option, settings[option]);
  for (const option of FROM_ZERO) atLeast(0, option, settings[option]);
  for (const [part, value] of Object.entries(storeBudget)) atLeast(1, `storeBudget.${part}`, value);
  atLeast(openMs, 'maxOpenMs', maxOpenMs);
  atLeast(1, 'probes.need', probes.need);
  atLeast(probes.need, 'probes.max', probes.max);
  return problems;
}
