import { CallTimeoutError } from './errors.ts';
import type { CallResult } from './options.ts';
import type { Clock } from './ports.ts';

export type Call<T> = (signal: AbortSignal) => Promise<T> | T;
type Limits = { timeoutMs: number; slowCallMs: number; onSlow: () => void; clock: Clock };

/** Answers in time whether or not the call heeds the signal. `onSlow`: once, after `slowCallMs`. */
export function runCall(call: Call<unknown>, limits: Limits): Promise<CallResult> {
  const { clock, timeoutMs, slowCallMs, onSlow } = limits;
  const abort = new AbortController();
  return new Promise((resolve) => {
    const onTimeout = () => {
      const error = new CallTimeoutError(`The call did not end within ${Math.round(timeoutMs)} ms`);
      resolve({ error });
      abort.abort(error);
    };
    const cancels = [clock.after(timeoutMs, onTimeout)];
    if (slowCallMs < timeoutMs) cancels.push(clock.after(slowCallMs, onSlow));
    Promise.resolve(abort.signal)
      .then(call)
      .then((value) => resolve({ value }))
      .catch((error) => resolve({ error }))
      .finally(() => cancels.map((cancel) => cancel()));
  });
}
