import type { Call } from './call.ts';
import {
  functionProblem,
  hasMethods,
  listed,
  nameProblems,
  problem,
  problemsIn,
} from './checks.ts';

/** What may differ from call to call. `F`: what the fallback answers. */
export interface ExecuteOptions<F> {
  /**
   * Answers for a refused or failed call. Its argument is CircuitOpenError,
   * CallTimeoutError, FailedResultError or what the call threw. Without a
   * fallback that error is thrown, or the value that counts as failed returned.
   * It has no time limit, and what it throws is thrown.
   */
  readonly fallback?: ((error: unknown) => F | Promise<F>) | undefined;
  /**
   * The milliseconds that the instance has left, as Lambda's context counts. The call is cut early
   * enough to report its failure before Lambda ends the instance. A value that is no finite number,
   * as a mocked context may give, is no limit.
   */
  readonly remainingMs?: number | (() => number | undefined) | undefined;
  /**
   * The caller's own. Once it is aborted, unless a fallback has begun already, `execute` rejects
   * with its reason, and the call counts neither for nor against the downstream. The signal that
   * the call is given is aborted, too.
   */
  readonly signal?: AbortSignal | undefined;
  /** What `prefetch` returned earlier in this invocation. */
  readonly prefetched?: Promise<void> | undefined;
}

/** The options of `wrap`: `A` is what the wrapped function is called with. */
export interface WrapOptions<A extends readonly unknown[], F>
  extends Pick<ExecuteOptions<F>, 'remainingMs' | 'signal'> {
  /** As that of `execute`; after the error it is given the arguments of the call. */
  readonly fallback?: ((error: unknown, ...args: A) => F | Promise<F>) | undefined;
}

/** Of a call that is given none. */
export const NO_OPTIONS: ExecuteOptions<never> = Object.freeze({});

const KNOWN_OF_WRAP = ['fallback', 'remainingMs', 'signal'];
const KNOWN = [...KNOWN_OF_WRAP, 'prefetched'];

/** Throws TypeError, which names every problem at once: nothing was admitted yet. */
export function checkExecute(call: Call<unknown>, options: ExecuteOptions<unknown>): void {
  if (options === NO_OPTIONS && typeof call === 'function') return;
  check('execute', KNOWN, call, options);
}

/** Throws TypeError already when the function is wrapped, and not at its first call. */
export function checkWrap(call: unknown, options: unknown): void {
  check('wrap', KNOWN_OF_WRAP, call, options);
}

function check(method: string, known: readonly string[], call: unknown, options: unknown): void {
  const problems = problemsIn([
    callProblem(method, call),
    ...optionProblems(method, known, options),
  ]);
  if (problems.length > 0) throw new TypeError(listed(`${method}() cannot be called so`, problems));
}

function callProblem(method: string, call: unknown): string | undefined {
  if (typeof call === 'function') return undefined;
  const expected = `a function that makes the call: ${method}((signal) => ...)`;
  // The promise may reject later; its caller learns of this mistake instead.
  if (call instanceof Promise) call.catch(() => {});
  if (hasMethods(call, 'then')) return `call: got the promise of a call, expected ${expected}`;
  return problem('call', call, expected);
}

function optionProblems(
  method: string,
  known: readonly string[],
  options: unknown,
): (string | undefined)[] {
  if (typeof options !== 'object' || options === null) {
    return [problem('options', options, `an object, as in ${method}(call, { fallback })`)];
  }
  const { fallback, remainingMs, signal, prefetched } = options as ExecuteOptions<unknown>;
  return [
    ...nameProblems(options, known),
    fallback === undefined ? undefined : functionProblem('fallback', fallback),
    remainingProblem(remainingMs),
    signal === undefined || isSignal(signal)
      ? undefined
      : problem('signal', signal, 'an AbortSignal'),
    prefetched === undefined || hasMethods(prefetched, 'then')
      ? undefined
      : problem('prefetched', prefetched, 'what prefetch() returned'),
  ];
}

function remainingProblem(remainingMs: unknown): string | undefined {
  if (remainingMs === undefined || typeof remainingMs === 'number') return undefined;
  if (typeof remainingMs === 'function') return undefined;
  return problem('remainingMs', remainingMs, 'milliseconds, or a function that returns them');
}

function isSignal(signal: AbortSignal): boolean {
  return hasMethods(signal, 'addEventListener', 'removeEventListener') && 'aborted' in signal;
}
