/** The options of `createBreaker`: checked, completed, and made safe to call. */
import { listed } from './checks.ts';
import { defaultClassify, safeClassify } from './classify.ts';
import { MAX_TIMER_MS, SYSTEM_CLOCK } from './clock.ts';
import { InvalidOptionsError } from './errors.ts';
import { safeListener } from './listeners.ts';
import { problemsOf } from './option-checks.ts';
import type { BreakerOptions, CompleteOptions, Settings } from './options.ts';
import type { StoreChange } from './ports.ts';
import { FaultReporter, type Warn, warnProcess } from './warnings.ts';

/** The names of all options: whatever has no default is required. */
const KNOWN = ['name', 'store', ...Object.keys(withDefaults({}))];

/** Throws InvalidOptionsError, which names every problem at once. */
export function loadOptions(given: BreakerOptions): Settings {
  const options = withDefaults(withoutUndefined(given));
  const problems = problemsOf(given, options, KNOWN);
  if (problems.length > 0) throw new InvalidOptionsError(listed('Invalid options', problems));
  return withSafeFunctions(options);
}

/** What is no object has no options; that is one of the problems found. */
function withoutUndefined<T extends object>(options: T | undefined): Partial<T> {
  const entries = Object.entries(options ?? {});
  const given = entries.filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>;
}

/**
 * The defaults are those of the README's table. `maxOpenMs` follows an `openMs` that is longer, and
 * single parts of `storeBudget` may be given. `probes` is copied, so that nobody changes it later.
 */
function withDefaults(options: Partial<BreakerOptions>): CompleteOptions {
  const defaults = {
    mode: 'enforce',
    failureThreshold: 10,
    failureRate: 0.5,
    callTimeoutMs: 2_000,
    streakWindowMs: 30_000,
    openMs: 5_000,
    maxOpenMs: Math.max(30_000, amountOf(options.openMs)),
    rampMs: 0,
    slowCallMs: MAX_TIMER_MS,
    viewTtlMs: 0,
    mirrors: 0,
    reserveMs: 300,
    classify: defaultClassify,
    onTransition: () => {},
    onCall: () => {},
    onStoreChange: warnOfOutage(options.warn ?? warnProcess),
    warn: warnProcess,
    instanceId: crypto.randomUUID(),
    clock: SYSTEM_CLOCK,
    random: Math.random,
    ...options,
    probes: { ...(options.probes ?? { max: 1, need: 1 }) },
    storeBudget: {
      readMs: 60,
      writeMs: 120,
      connectMs: 500,
      ...withoutUndefined(options.storeBudget),
    },
  };
  return defaults as CompleteOptions;
}

/** What is no number is one of the problems found. */
function amountOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** A wrong table or a missing permission must not pass in silence. */
function warnOfOutage(warn: Warn): (change: StoreChange) => void {
  let hasWarned = false;
  return ({ name, available, error }) => {
    if (available || hasWarned) return;
    hasWarned = true;
    const unheard = 'nobody listens to onStoreChange';
    warn(`Circuit "${name}": the store is out of reach, and ${unheard}: ${error?.message}`);
  };
}

/** A number out of its range would be written into the item, where nobody could understand it. */
function fraction(random: number): number {
  return random >= 0 && random < 1 ? random : 0.5;
}

/** What the caller has written is called in many places, and may throw in none of them. */
function withSafeFunctions(options: CompleteOptions): Settings {
  const faults = new FaultReporter(options.name, options.warn);
  const { classify, onTransition, onCall, onStoreChange } = options;
  return {
    ...options,
    faults,
    random: () => fraction(options.random()),
    classify: safeClassify(classify, faults),
    onTransition: safeListener('onTransition', onTransition, faults),
    onCall: safeListener('onCall', onCall, faults),
    onStoreChange: safeListener('onStoreChange', onStoreChange, faults),
  };
}
