import { type CallResult, defaultClassify } from './classify.ts';
import { MAX_TIMER_MS, SYSTEM_CLOCK } from './clock.ts';
import { InvalidOptionsError } from './errors.ts';
import type { CallRecord, CircuitStore, Clock, StoreChange, Transition } from './ports.ts';
import type { Rules } from './protocol/context.ts';
import type { Verdict } from './protocol/settle.ts';

/** The longest wait for one contact with the store, in milliseconds. */
export interface StoreBudget {
  /** Default 60. */
  readonly readMs: number;
  /** Default 120. */
  readonly writeMs: number;
  /**
   * For a contact that may have to connect: an instance's first read and first write, and the
   * first contact after some seconds without one. Default 500.
   */
  readonly connectMs: number;
}

export interface BreakerOptions extends Partial<Rules> {
  /**
   * The circuit's name: one per downstream, the same in the whole fleet. It is
   * the key of the circuit's item.
   */
  readonly name: string;
  readonly store: CircuitStore;
  /**
   * A call still running after this many milliseconds counts as failed, without
   * being cut. Default: none.
   */
  readonly slowCallMs?: number;
  /**
   * How long a view of a closed circuit serves without a read, in milliseconds.
   * Default 0: one read per call.
   */
  readonly viewTtlMs?: number;
  /**
   * Milliseconds kept free of the time that `remainingMs` tells, to report the
   * call and to answer. Default 300.
   */
  readonly reserveMs?: number;
  readonly storeBudget?: Partial<StoreBudget>;
  /**
   * What a call's result says of the downstream's health. Default:
   * `defaultClassify`.
   */
  readonly classify?: (result: CallResult) => Verdict;
  /**
   * Called once per transition, on the instance whose write made it. Listeners
   * must not throw.
   */
  readonly onTransition?: (transition: Transition) => void;
  /** Called after every call of `execute`. */
  readonly onCall?: (call: CallRecord) => void;
  /** Called when the store goes out of reach and when it comes back. */
  readonly onStoreChange?: (change: StoreChange) => void;
  /** Names this instance in the item and in events. Default: random. */
  readonly instanceId?: string;
  /** Default: the real clock. */
  readonly clock?: Clock;
  /** A number in [0, 1). Default: Math.random. */
  readonly random?: () => number;
}

type Listener = 'onTransition' | 'onCall' | 'onStoreChange';

/** The options with their defaults. Only listeners may be absent. */
export interface Settings
  extends Required<Omit<BreakerOptions, Listener | 'storeBudget'>>,
    Pick<BreakerOptions, Listener> {
  readonly storeBudget: StoreBudget;
}

/** Throws InvalidOptionsError, which names every problem at once. */
export function loadOptions(given: BreakerOptions): Settings {
  const settings = withDefaults(withoutUndefined(given ?? {}));
  const problems = problemsOf(settings);
  if (problems.length === 0) return settings;
  const listed = problems.map((problem) => `\n- ${problem}`);
  throw new InvalidOptionsError(`Invalid options:${listed.join('')}`);
}

/** An option given as undefined is one that is not given. */
function withoutUndefined<T extends object>(options: T): T {
  const entries = Object.entries(options);
  const given = entries.filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as T;
}

function withDefaults(options: BreakerOptions): Settings {
  return {
    failureThreshold: 5,
    callTimeoutMs: 2_000,
    streakWindowMs: 30_000,
    openMs: 5_000,
    maxOpenMs: Math.max(30_000, options.openMs ?? 0),
    probes: { max: 1, need: 1 },
    slowCallMs: MAX_TIMER_MS,
    viewTtlMs: 0,
    reserveMs: 300,
    classify: defaultClassify,
    instanceId: options.instanceId ?? crypto.randomUUID(),
    clock: SYSTEM_CLOCK,
    random: Math.random,
    ...options,
    storeBudget: {
      readMs: 60,
      writeMs: 120,
      connectMs: 500,
      ...options.storeBudget,
    },
  };
}

function problemsOf(settings: Settings): string[] {
  const { openMs, probes, storeBudget } = settings;
  const problems = [
    textProblem('name', settings.name),
    textProblem('instanceId', settings.instanceId),
    storeProblem(settings.store),
    amountProblem('failureThreshold', settings.failureThreshold, 1),
    amountProblem('callTimeoutMs', settings.callTimeoutMs, 1),
    amountProblem('slowCallMs', settings.slowCallMs, 1),
    amountProblem('openMs', openMs, 1),
    amountProblem('streakWindowMs', settings.streakWindowMs, 1),
    amountProblem('viewTtlMs', settings.viewTtlMs, 0),
    amountProblem('reserveMs', settings.reserveMs, 0),
    amountProblem('storeBudget.readMs', storeBudget.readMs, 1),
    amountProblem('storeBudget.writeMs', storeBudget.writeMs, 1),
    amountProblem('storeBudget.connectMs', storeBudget.connectMs, 1),
    amountProblem('maxOpenMs', settings.maxOpenMs, openMs),
    amountProblem('probes.need', probes?.need, 1),
    amountProblem('probes.max', probes?.max, probes?.need || 1),
  ];
  return problems.filter((problem) => problem !== undefined);
}

function textProblem(option: string, value: unknown): string | undefined {
  if (typeof value === 'string' && value !== '') return undefined;
  return problem(option, JSON.stringify(value), 'a non-empty string');
}

/** A whole number, small enough for a timer. */
function amountProblem(option: string, value: unknown, least: number): string | undefined {
  const isWhole = Number.isInteger(value);
  const amount = Number(value);
  if (isWhole && amount >= least && amount <= MAX_TIMER_MS) return undefined;
  const unit = option.endsWith('Ms') ? ' of milliseconds' : '';
  const expected = `a whole number${unit} up to ${MAX_TIMER_MS}, at least ${least}`;
  return problem(option, JSON.stringify(value), expected);
}

function storeProblem(store: unknown): string | undefined {
  const { read } = (store ?? {}) as Partial<CircuitStore>;
  if (typeof read === 'function') return undefined;
  // A client of the SDK, given by mistake, cannot be shown as JSON.
  const shown = store === null ? null : typeof store;
  const expected = 'a store, such as memoryStore()';
  return problem('store', JSON.stringify(shown), expected);
}

function problem(option: string, got: string, expected: string): string {
  return `${option}: got ${got}, expected ${expected}`;
}
