import { InvalidOptionsError } from './errors.ts';
import type { CallRecord, CircuitStore, Clock, StoreChange, Transition } from './ports.ts';
import type { Verdict } from './transitions.ts';
import type { Rules } from './writes.ts';

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

export function loadOptions(options: BreakerOptions): Settings {
  const settings = withDefaults(options);
  const problems = problemsOf(settings);
  if (problems.length > 0) throw new InvalidOptionsError(`Invalid options:${problems.join('')}`);
  return settings;
}

/** 5xx, 429 and 408 are failures; any other 4xx, of a downstream that is there, says nothing. */
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

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let turn: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      // A busy instance runs its timers late, and before it looks at what has arrived meanwhile.
      // One more turn lets an answer that is already there win over its own deadline.
      turn = setImmediate(callback);
    }, delayMs);
    return () => {
      clearTimeout(timer);
      clearImmediate(turn);
    };
  },
};

/** The longest that a timer can wait; later times in the item would be no dates. */
const MOST = 2 ** 31 - 1;

function withDefaults(given: BreakerOptions) {
  // An option given as undefined is one not given, and options not given are none.
  const present = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  const options = Object.fromEntries(present) as unknown as BreakerOptions;
  return {
    failureThreshold: 5,
    callTimeoutMs: 2_000,
    streakWindowMs: 30_000,
    openMs: 5_000,
    maxOpenMs: Math.max(30_000, options.openMs ?? 0),
    probes: { max: 1, need: 1 },
    slowCallMs: MOST,
    viewTtlMs: 0,
    reserveMs: 300,
    classify: defaultClassify,
    instanceId: options.instanceId ?? crypto.randomUUID(),
    clock: systemClock,
    random: Math.random,
    ...options,
    storeBudget: { readMs: 60, writeMs: 120, firstReadMs: 500, ...options.storeBudget },
  };
}

function problemsOf(settings: Settings): string[] {
  const { name, store, probes, storeBudget, openMs, maxOpenMs, failureThreshold } = settings;
  const { callTimeoutMs, slowCallMs, streakWindowMs, viewTtlMs, reserveMs, instanceId } = settings;
  const problems: string[] = [];
  const expect = (holds: boolean, option: string, value: unknown, form: string) => {
    if (!holds) problems.push(`\n- ${option}: got ${JSON.stringify(value)}, expected ${form}`);
  };
  const atLeast = (least: number, options: object, of = '') => {
    for (const [option, value] of Object.entries(options)) {
      const unit = option.endsWith('Ms') ? ' of milliseconds' : '';
      const form = `a whole number${unit} up to ${MOST}, at least ${least}`;
      expect(Number.isInteger(value) && value >= least && value <= MOST, of + option, value, form);
    }
  };
  for (const [option, value] of Object.entries({ name, instanceId }))
    expect(typeof value === 'string' && value !== '', option, value, 'a non-empty string');
  // Its type alone: a client of the SDK, given by mistake, cannot be shown as JSON.
  const given = store && typeof store;
  expect(typeof store?.read === 'function', 'store', given, 'a store, such as memoryStore()');
  atLeast(1, { failureThreshold, callTimeoutMs, slowCallMs, openMs, streakWindowMs });
  atLeast(0, { viewTtlMs, reserveMs });
  atLeast(1, storeBudget, 'storeBudget.');
  atLeast(openMs, { maxOpenMs });
  atLeast(1, { need: probes?.need }, 'probes.');
  atLeast(probes?.need || 1, { max: probes?.max }, 'probes.');
  return problems;
}
