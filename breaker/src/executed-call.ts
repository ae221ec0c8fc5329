import type { CallOutcome, CallRecord } from './ports.ts';
import type { CallResult } from './results/result.ts';

/** What became of a call of `execute`, before a fallback is asked. */
export interface ExecutedCall {
  readonly result: CallResult;
  readonly outcome: CallOutcome;
  readonly probe: boolean;
  readonly latencyMs: number;
  /** Whether it counted as failed because it was slow, whatever its result. */
  readonly isSlow: boolean;
  /** Whether it was made although the circuit refused it, in mode `observe`. */
  readonly wouldRefuse: boolean;
}

export function notMade(outcome: CallOutcome, error: unknown): ExecutedCall {
  const result = { error };
  return { result, outcome, probe: false, latencyMs: 0, isSlow: false, wouldRefuse: false };
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** What `onCall` is told of it. */
export function recordOf(executed: ExecutedCall, name: string): CallRecord {
  const { result, outcome, probe, latencyMs, isSlow, wouldRefuse } = executed;
  const record: Writable<CallRecord> = { name, outcome, probe, latencyMs };
  if (isSlow) record.slow = true;
  if (wouldRefuse) record.wouldRefuse = true;
  if ('error' in result) record.error = result.error;
  return record;
}
