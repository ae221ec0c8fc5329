import type { CallResult } from './classify.ts';
import { CallTimeoutError } from './errors.ts';
import type { Clock } from './ports.ts';

/** A call to the downstream. `signal` is aborted when its time is up. */
export type Call<T> = (signal: AbortSignal) => Promise<T> | T;

interface CallLimits {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly slowCallMs: number;
  /** Called once if the call is still running after `slowCallMs`. */
  readonly onSlow: () => void;
}

/**
 * Makes the call and answers within `timeoutMs`, whether or not the call heeds
 * its signal. Never rejects.
 */
export function runCall(call: Call<unknown>, limits: CallLimits): Promise<CallResult> {
  const { clock, timeoutMs, slowCallMs, onSlow } = limits;
  const abort = new AbortController();
  return new Promise((resolve) => {
    const onTimeout = () => {
      const limit = `${Math.round(timeoutMs)} ms`;
      const error = new CallTimeoutError(`The call did not end within ${limit}`);
      resolve({ error });
      abort.abort(error);
    };
    const cancels = [clock.after(timeoutMs, onTimeout)];
    if (slowCallMs < timeoutMs) cancels.push(clock.after(slowCallMs, onSlow));
    Promise.resolve(abort.signal)
      .then(call)
      .then((value) => resolve({ value }))
      .catch((error) => resolve({ error }))
      .finally(() => {
        for (const cancel of cancels) cancel();
      });
  });
}
