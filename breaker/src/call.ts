import { CallTimeoutError } from './errors.ts';
import type { Clock } from './ports.ts';
import { discardBody } from './results/discard.ts';
import type { CallResult } from './results/result.ts';

/** A call to the downstream. `signal` is aborted when nobody waits for it any more. */
export type Call<T> = (signal: AbortSignal) => Promise<T> | T;

export interface CallLimits {
  readonly clock: Clock;
  /** Undefined: the call may take as long as it likes. */
  readonly timeoutMs: number | undefined;
  readonly slowCallMs: number;
  /** Called once, with `slowCallMs`, if the call is still running by then. */
  readonly onSlow: (slowCallMs: number) => void;
  /** The caller's own: once aborted, nobody waits for the call. */
  readonly signal?: AbortSignal | undefined;
}

export interface CallEnd {
  readonly result: CallResult;
  /** Who ended it. What the `caller` gave up says nothing about the downstream. */
  readonly endedBy: 'call' | 'timeout' | 'caller';
}

/**
 * Makes the call and answers within `timeoutMs`, or as soon as the caller gives
 * up, whether or not the call heeds its signal. Never rejects. The call begins in a job of its own,
 * of which the caller's code is no part.
 */
export function runCall(call: Call<unknown>, limits: CallLimits): Promise<CallEnd> {
  const { signal } = limits;
  if (signal?.aborted) return Promise.resolve(abortedBy(signal));
  return new Promise((resolve) => {
    const bounded = new BoundedCall(resolve);
    bounded.limit(limits);
    void bounded.make(call);
  });
}

type Cancel = () => void;

/** A call, and all that may end it. */
class BoundedCall {
  readonly #resolve: (end: CallEnd) => void;
  readonly #abort = new AbortController();
  #cancelTimeout: Cancel | undefined;
  #cancelSlow: Cancel | undefined;
  #cancelGivenUp: Cancel | undefined;

  constructor(resolve: (end: CallEnd) => void) {
    this.#resolve = resolve;
  }

  limit({ clock, timeoutMs, slowCallMs, onSlow, signal }: CallLimits): void {
    if (timeoutMs !== undefined) {
      this.#cancelTimeout = clock.after(timeoutMs, () => this.#onTimeout(timeoutMs));
    }
    if (slowCallMs < (timeoutMs ?? Infinity)) {
      this.#cancelSlow = clock.after(slowCallMs, () => onSlow(slowCallMs));
    }
    if (signal) this.#cancelGivenUp = onAbort(signal, () => this.#onGivenUp(signal));
  }

  async make(call: Call<unknown>): Promise<void> {
    // Whatever follows an `await` is a job of its own.
    await undefined;
    const { signal } = this.#abort;
    try {
      const value = await call(signal);
      this.#end({ result: { value }, endedBy: 'call' });
      // Nobody gets a value that comes after the end.
      if (signal.aborted) discardBody(value);
    } catch (error) {
      this.#end({ result: { error }, endedBy: 'call' });
    }
  }

  #onTimeout(timeoutMs: number): void {
    const error = timeoutError(timeoutMs);
    this.#end({ result: { error }, endedBy: 'timeout' });
    this.#abort.abort(error);
  }

  /** The reason is the answer even where the aborted call ends at once. */
  #onGivenUp(signal: AbortSignal): void {
    this.#end(abortedBy(signal));
    this.#abort.abort(signal.reason);
  }

  /** A call that does not heed its signal may go on for ever; nothing waits for it. */
  #end(end: CallEnd): void {
    this.#cancelTimeout?.();
    this.#cancelSlow?.();
    this.#cancelGivenUp?.();
    this.#resolve(end);
  }
}

/** Waits for `work`, or until the signal is aborted. */
export function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const cancel = onAbort(signal, resolve);
    work.then(resolve, reject).then(cancel);
  });
}

function timeoutError(timeoutMs: number): CallTimeoutError {
  const limit = `${Math.round(timeoutMs)} ms`;
  return new CallTimeoutError(`The call did not end within ${limit}`);
}

function abortedBy({ reason }: AbortSignal): CallEnd {
  return { result: { error: reason }, endedBy: 'caller' };
}

interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly stop: () => void;
}

/** What waits for each caller's signal. */
const WAITING = new WeakMap<AbortSignal, Waiting>();

/**
 * The returned function takes the callback back: a signal may outlive many calls.
 * A signal has one listener, however many calls share it, because Node warns of
 * more than ten.
 */
function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const waiting = WAITING.get(signal) ?? listenTo(signal);
  waiting.callbacks.add(callback);
  return () => {
    waiting.callbacks.delete(callback);
    if (waiting.callbacks.size === 0) waiting.stop();
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const onAborted = () => {
    for (const callback of callbacks) callback();
  };
  signal.addEventListener('abort', onAborted, { once: true });
  const stop = () => {
    signal.removeEventListener('abort', onAborted);
    WAITING.delete(signal);
  };
  const waiting = { callbacks, stop };
  WAITING.set(signal, waiting);
  return waiting;
}
