import type { Verdict } from './protocol/settle.ts';
import { functionErrorOf, isServiceTrouble } from './results/aws-sdk.ts';
import { statusOf } from './results/http.ts';
import type { CallResult } from './results/result.ts';
import { describeThrown, type FaultReporter } from './warnings.ts';

/** What `classify` gets to know about a call besides its result. */
export interface CallInfo {
  /** Whether the call is the half-open circuit's probe. */
  readonly probe: boolean;
}

/** Says what a call's result means for the downstream's health. It is given a copy of the result. */
export type Classify = (result: CallResult, call: CallInfo) => Verdict;

/**
 * The verdict on an HTTP status. 5xx, 429 and 408 are failures. Any other 4xx
 * is ignored: the downstream answered, but that it refused one request does not
 * show that it can do its work.
 */
export function classifyHttpStatus(status: number): Verdict {
  if (status >= 500 || status === 429 || status === 408) return 'failure';
  return status >= 400 ? 'ignored' : 'success';
}

/**
 * The default of the option `classify`: an error is a failure and a value is a
 * success, unless an HTTP status is found in it, which then decides. Throttling
 * by the AWS is a failure whatever its status, and so is a Lambda Invoke that
 * answers with FunctionError.
 */
export function defaultClassify(result: CallResult): Verdict {
  if (isServiceTrouble(result)) return 'failure';
  if (functionErrorOf(result) !== undefined) return 'failure';
  const status = statusOf(result);
  const verdict = status === undefined ? 'success' : classifyHttpStatus(status);
  // Whoever throws although the status was well, as for a body that was not agreed, has failed.
  return verdict === 'success' && 'error' in result ? 'failure' : verdict;
}

/**
 * A `classify` that always gives a verdict. Where the given one throws or returns
 * something else, its call counts for nothing, and the fault is reported once.
 */
export function safeClassify(classify: Classify, faults: FaultReporter): Classify {
  // It is known to do neither, and most breakers have it.
  if (classify === defaultClassify) return classify;
  return (result, call) => {
    try {
      // A copy, so that the caller's answer stays what it was.
      const verdict: unknown = classify({ ...result }, call);
      if (isVerdict(verdict)) return verdict;
      ignoreRejection(verdict);
      const expected = "expected 'success', 'failure' or 'ignored'";
      const error = new TypeError(`${expected}, got ${nameOf(verdict)}`);
      faults.report('classify', `failed with ${error}; its calls count for nothing`);
    } catch (thrown) {
      const what = describeThrown(thrown);
      faults.report('classify', `threw ${what}; its calls count for nothing`);
    }
    return 'ignored';
  };
}
function isVerdict(verdict: unknown): verdict is Verdict {
  return verdict === 'success' || verdict === 'failure' || verdict === 'ignored';
}

/** An async `classify` that rejects must not end the process. */
function ignoreRejection(returned: unknown): void {
  if (returned instanceof Promise) returned.catch(() => {});
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return value instanceof Promise ? 'a promise' : String(value);
}
