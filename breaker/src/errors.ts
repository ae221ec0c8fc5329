import { recogniseCopies } from './copies.ts';
import type { CircuitState } from './protocol/circuit.ts';

/** What a refused call learns about the circuit that refused it. */
export interface Refusal {
  /** The circuit's name. */
  readonly circuit: string;
  readonly state: CircuitState;
  readonly generation: number;
  /** Why the circuit is as it is: "5 x HTTP 503". */
  readonly reason: string;
  /** Milliseconds until a call may be admitted again; at least 0. */
  readonly retryAfterMs: number;
}

/**
 * The call was refused: the circuit is open, its probe is under way, or (`state` is then CLOSED) it
 * has recovered and admits a share of the calls, or failures cannot be written. Has no stack, which
 * would say nothing of the cause, and take ten times as long as the rest of a refusal.
 */
export class CircuitOpenError extends Error implements Refusal {
  static {
    recogniseCopies(CircuitOpenError, 'CircuitOpenError');
  }
  override readonly name = 'CircuitOpenError';
  readonly circuit: string;
  readonly state: CircuitState;
  readonly generation: number;
  readonly reason: string;
  /** Milliseconds until a call may be admitted again; at least 0. */
  readonly retryAfterMs: number;

  constructor(refusal: Refusal) {
    const { circuit, state, reason, retryAfterMs } = refusal;
    const retry = `retry in ${Math.ceil(retryAfterMs)} ms`;
    super(`Circuit "${circuit}" is ${state} (${reason}); ${retry}`);
    this.circuit = circuit;
    this.state = state;
    this.generation = refusal.generation;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Makes an error without recording its stack. */
export function withoutStack<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error;
  // Where the intrinsics are frozen the limit stays as it is.
  const isSet = Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    if (isSet) Error.stackTraceLimit = stackTraceLimit;
  }
}

/**
 * The protected call did not end within its deadline, or there was no time left
 * to begin it. The call's AbortSignal was aborted with this error.
 */
export class CallTimeoutError extends Error {
  static {
    recogniseCopies(CallTimeoutError, 'CallTimeoutError');
  }
  override readonly name = 'CallTimeoutError';
}

/**
 * The call returned a value that `classify` calls a failure. Only a fallback
 * meets this error; `cause` is the value.
 */
export class FailedResultError extends Error {
  static {
    recogniseCopies(FailedResultError, 'FailedResultError');
  }
  override readonly name = 'FailedResultError';
}

/** Options of `createBreaker` or of a store cannot be used. The message names each of them. */
export class InvalidOptionsError extends Error {
  static {
    recogniseCopies(InvalidOptionsError, 'InvalidOptionsError');
  }
  override readonly name = 'InvalidOptionsError';
}

/**
 * The store could not do what it was asked.
 * - `throttled`: it refused for its rate. The write had no effect, unless the
 *   answer to an earlier attempt was lost.
 * - `unavailable`: no answer, or an error. A write may have been applied.
 * - `disconnected`: the connection broke before the answer. A write may have been applied. What
 *   may be repeated is sent once more, for a kept connection may be gone when it is used.
 * - `malformed`: the item is there but makes no sense (edited manually), or is
 *   of a later schema.
 */
export class StoreError extends Error {
  static {
    recogniseCopies(StoreError, 'StoreError');
  }
  override readonly name = 'StoreError';
  readonly kind: 'throttled' | 'unavailable' | 'disconnected' | 'malformed';

  constructor(kind: StoreError['kind'], message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export function isThrottled(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'throttled';
}
