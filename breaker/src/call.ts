import { CallTimeoutError } from './errors.ts';
import type { CallResult } from './options.ts';
import type { Clock } from './ports.ts';

/**
 * Runs the protected call against its timeout. Whether or not the call heeds the signal, the answer
 * is there in time; what a cut call does later is nobody's. `onSlow` runs once if the call is still
 * under way after `slowCallMs`.
 */
export function runCall(
  call: (signal: AbortSignal) => unknown,
  limits: { timeoutMs: number; slowCallMs: number; onSlow: () => void; clock: Clock },
): Promise<CallResult> {
  const { clock, timeoutMs, slowCallMs, onSlow } = limits;
  const abort = new AbortController();
  return new Promise((resolve) => {
    const settle = (result: CallResult) => {
      for (const cancel of cancels) cancel();
      resolve(result);
    };
    const onTimeout = () => {
      const error = new CallTimeoutError(`The call did not end within ${Math.round(timeoutMs)} ms`);
      settle({ error });
      abort.abort(error);
    };
    const cancels = [clock.after(timeoutMs, onTimeout)];
    if (slowCallMs < timeoutMs) cancels.push(clock.after(slowCallMs, onSlow));
    Promise.resolve(abort.signal)
      .then(call)
      .then((value) => settle({ value }))
      .catch((error) => settle({ error }));
  });
}
