/** Everything that is wrong with the options of `createBreaker`. */
import {
  functionProblem,
  hasMethods,
  nameProblems,
  problem,
  problemsIn,
  textProblem,
} from './checks.ts';
import { MAX_TIMER_MS } from './clock.ts';
import type { BreakerOptions, CompleteOptions } from './options.ts';

const LEAST_RATE = 0.01;
const PROBES = ['max', 'need'];
const MAX_MIRRORS = 500;

/** `given` has the names that were written, `options` the values in force. */
export function problemsOf(
  given: BreakerOptions,
  options: CompleteOptions,
  known: readonly string[],
): string[] {
  const isObject = typeof given === 'object' && given !== null;
  if (!isObject) return [problem('options', given, 'an object')];
  return problemsIn([
    ...nameProblems(given, known),
    textProblem('name', options.name),
    textProblem('instanceId', options.instanceId),
    modeProblem(options.mode),
    ...portProblems(options),
    ...amountProblems(options),
    mirrorsProblem(options.mirrors),
    ...probesProblems(options.probes),
    ...budgetProblems(given, options),
  ]);
}

/** A mode that is misspelt must not be taken for the default: it decides whether calls are refused. */
function modeProblem(mode: unknown): string | undefined {
  if (mode === 'enforce' || mode === 'observe' || mode === 'off') return undefined;
  return problem('mode', mode, "'enforce', 'observe' or 'off'");
}

/** What the breaker calls has to be callable: the store, the clock and the caller's functions. */
function portProblems(options: CompleteOptions): (string | undefined)[] {
  const { store, clock } = options;
  const isStore = hasMethods(store, 'read', 'write');
  const isClock = hasMethods(clock, 'now', 'after');
  return [
    isStore ? undefined : problem('store', store, 'a store, such as memoryStore()'),
    isClock ? undefined : problem('clock', clock, 'a clock, with now() and after()'),
    functionProblem('classify', options.classify),
    functionProblem('onTransition', options.onTransition),
    functionProblem('onCall', options.onCall),
    functionProblem('onStoreChange', options.onStoreChange),
    functionProblem('warn', options.warn),
    functionProblem('random', options.random),
  ];
}

/** Times are whole milliseconds that a timer can wait; counts are whole numbers, too. */
function amountProblems(options: CompleteOptions): (string | undefined)[] {
  const { callTimeoutMs, slowCallMs, openMs } = options;
  return [
    amountProblem('failureThreshold', options.failureThreshold, 1),
    rateProblem('failureRate', options.failureRate),
    amountProblem('callTimeoutMs', callTimeoutMs, 1),
    amountProblem('slowCallMs', slowCallMs, 1) ?? slowProblem(slowCallMs, callTimeoutMs),
    amountProblem('openMs', openMs, 1),
    amountProblem('streakWindowMs', options.streakWindowMs, 1),
    amountProblem('rampMs', options.rampMs, 0),
    amountProblem('viewTtlMs', options.viewTtlMs, 0),
    amountProblem('reserveMs', options.reserveMs, 0),
    amountProblem('maxOpenMs', options.maxOpenMs, openMs),
  ];
}

function probesProblems(probes: CompleteOptions['probes']): (string | undefined)[] {
  return [
    ...nameProblems(probes ?? {}, PROBES, 'probes.'),
    amountProblem('probes.need', probes?.need, 1),
    amountProblem('probes.max', probes?.max, probes?.need || 1),
  ];
}

function budgetProblems(
  given: BreakerOptions,
  { storeBudget }: CompleteOptions,
): (string | undefined)[] {
  const { storeBudget: written = {} } = given;
  if (typeof written !== 'object' || written === null)
    return [problem('storeBudget', written, 'an object')];
  return [
    ...nameProblems(storeBudget, ['readMs', 'writeMs', 'connectMs'], 'storeBudget.'),
    amountProblem('storeBudget.readMs', storeBudget.readMs, 1),
    amountProblem('storeBudget.writeMs', storeBudget.writeMs, 1),
    amountProblem('storeBudget.connectMs', storeBudget.connectMs, 1),
  ];
}

/** Every one of them is written at each transition. */
function mirrorsProblem(mirrors: unknown): string | undefined {
  if (Number.isInteger(mirrors) && Number(mirrors) >= 0 && Number(mirrors) <= MAX_MIRRORS)
    return undefined;
  return problem('mirrors', mirrors, `a whole number from 0 to ${MAX_MIRRORS}`);
}

/** A whole number, small enough for a timer. */
function amountProblem(option: string, value: unknown, least: number): string | undefined {
  const isWhole = Number.isInteger(value);
  const amount = Number(value);
  if (isWhole && amount >= least && amount <= MAX_TIMER_MS) return undefined;
  const unit = option.endsWith('Ms') ? ' of milliseconds' : '';
  const expected = `a whole number${unit} up to ${MAX_TIMER_MS}, at least ${least}`;
  return problem(option, value, expected);
}

/** Below a hundredth a success would take less from the score than can be told from nothing. */
function rateProblem(option: string, value: unknown): string | undefined {
  const rate = typeof value === 'number' ? value : Number.NaN;
  if (rate >= LEAST_RATE && rate <= 1) return undefined;
  return problem(option, value, `a number from ${LEAST_RATE} to 1`);
}

/** A call that is cut before it is slow would never count as slow. */
function slowProblem(slowCallMs: number, callTimeoutMs: number): string | undefined {
  if (slowCallMs === MAX_TIMER_MS || slowCallMs < callTimeoutMs) return undefined;
  return problem('slowCallMs', slowCallMs, `less than callTimeoutMs, which is ${callTimeoutMs}`);
}
