import type { CircuitState } from './state.ts';

/** The call was refused: the circuit is open, or half-open with its probe taken. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  declare readonly circuit: string;
  declare readonly state: CircuitState;
  declare readonly generation: number;
  declare readonly reason: string;
  /** Milliseconds until a call may be let through again; at least 0. */
  declare readonly retryAfterMs: number;

  constructor(refusal: Omit<CircuitOpenError, keyof Error>) {
    const retry = `retry in ${Math.ceil(refusal.retryAfterMs)} ms`;
    super(`Circuit "${refusal.circuit}" is ${refusal.state} (${refusal.reason}); ${retry}`);
    Object.assign(this, refusal);
  }
}

/** The protected call did not end in time. Its AbortSignal was aborted with this error. */
export class CallTimeoutError extends Error {
  override readonly name = 'CallTimeoutError';
}

/** What a fallback is given for a value that `classify` calls a failure; `cause` is the value. */
export class FailedResultError extends Error {
  override readonly name = 'FailedResultError';
}

/** Some options of `createBreaker` cannot be used; the message names each. */
export class InvalidOptionsError extends Error {
  override readonly name = 'InvalidOptionsError';
}

/**
 * The store could not do what it was asked.
 * - `throttled`: refused for its rate, without effect unless an earlier answer was lost;
 * - `unavailable`: no answer or an error; a write may or may not have been applied;
 * - `malformed`: the item is there but cannot be understood (edited by hand, newer schema).
 */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly kind: 'throttled' | 'unavailable' | 'malformed';

  constructor(kind: StoreError['kind'], message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}
