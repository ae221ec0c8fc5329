import type { Verdict } from './protocol/settle.ts';
import { describeThrown, type FaultReporter } from './warnings.ts';

/** What a call came to: the value that it returned, or what it threw. */
export type CallResult = { readonly value: unknown } | { readonly error: unknown };

/** What `classify` is told of a call besides its result. */
export interface CallInfo {
  /** Whether the call is the half-open circuit's probe. */
  readonly probe: boolean;
}

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
 * success, unless it has an HTTP `status`, which then decides.
 */
export function defaultClassify(result: CallResult): Verdict {
  const status = statusOf(result);
  if (status !== undefined) return classifyHttpStatus(status);
  return 'error' in result ? 'failure' : 'success';
}

/**
 * A `classify` that always gives a verdict. Where the given one throws or returns
 * something else, its call counts for nothing, and the fault is reported once.
 */
export function safeClassify(classify: Classify, faults: FaultReporter): Classify {
  return (result, call) => {
    try {
      const verdict: unknown = classify(result, call);
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
/**
 * Why a call failed, for people: "HTTP 503", "TimeoutError". An error is named
 * and not quoted, for its message may hold what does not belong in a table.
 */
export function causeOf(result: CallResult): string {
  const status = statusOf(result);
  if (status !== undefined) return `HTTP ${status}`;
  if ('value' in result) return 'a result that counts as failed';
  const { error } = result;
  return error instanceof Error ? error.name : typeof error;
}

function statusOf(result: CallResult): number | undefined {
  const subject = 'error' in result ? result.error : result.value;
  if (typeof subject !== 'object' || subject === null) return undefined;
  if (!('status' in subject)) return undefined;
  const { status } = subject;
  if (typeof status !== 'number') return undefined;
  return status >= 100 && status < 600 ? status : undefined;
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
