import { CallTimeoutError } from './errors.ts';
import type { Clock } from './ports.ts';
import { discardBody } from './results/discard.ts';
import type { CallResult } from './results/result.ts';

/** A call to the downstream. `signal` is aborted when nobody waits for it any more. */
export type Call<T> = (signal: AbortSignal) => Promise<T> | T;

interface CallLimits {
  readonly clock: Clock;
  /** Undefined: the call may take as long as it likes. */
  readonly timeoutMs: number | undefined;
  readonly slowCallMs: number;
  /** Called once if the call is still running after `slowCallMs`. */
  readonly onSlow: () => void;
  /** The caller's own: once aborted, nobody waits for the call. */
  readonly signal?: AbortSignal | undefined;
}

export interface CallEnd {
  readonly result: CallResult;
  /** Who ended it. What the `caller` gave up says nothing about the downstream. */
  readonly endedBy: 'call' | 'timeout' | 'caller';
}

type Cancel = () => void;

/**
 * Makes the call and answers within `timeoutMs`, or as soon as the caller gives
 * up, whether or not the call heeds its signal. Never rejects. The call begins in a job of its own,
 * of which the caller's code is no part.
 */
export function runCall(call: Call<unknown>, limits: CallLimits): Promise<CallEnd> {
  const { clock, timeoutMs, slowCallMs, onSlow, signal } = limits;
  if (signal?.aborted) return Promise.resolve(abortedBy(signal));
  return new Promise<CallEnd>((resolve) => {
    const abort = new AbortController();
    let cancelTimeout: Cancel | undefined;
    let cancelSlow: Cancel | undefined;
    let cancelGivenUp: Cancel | undefined;
    const end = (ended: CallEnd) => {
      cancelTimeout?.();
      cancelSlow?.();
      cancelGivenUp?.();
      resolve(ended);
    };
    if (timeoutMs !== undefined) {
      const onTimeout = () => {
        const error = timeoutError(timeoutMs);
        end({ result: { error }, endedBy: 'timeout' });
        abort.abort(error);
      };
      cancelTimeout = clock.after(timeoutMs, onTimeout);
    }
    if (slowCallMs < (timeoutMs ?? Infinity)) cancelSlow = clock.after(slowCallMs, onSlow);
    if (signal) {
      const onGivenUp = () => {
        // The reason is the answer even where the aborted call ends at once.
        end(abortedBy(signal));
        abort.abort(signal.reason);
      };
      cancelGivenUp = onAbort(signal, onGivenUp);
    }
    // A call that does not heed its signal may go on for ever; nothing waits for it.
    const onValue = (value: unknown) => {
      end({ result: { value }, endedBy: 'call' });
      // Nobody gets a value that comes after the end.
      if (abort.signal.aborted) discardBody(value);
    };
    const onError = (error: unknown) => end({ result: { error }, endedBy: 'call' });
    Promise.resolve(abort.signal).then(call).then(onValue, onError);
  });
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
