import { CallTimeoutError } from './errors.ts';
import type { Clock } from './ports.ts';

export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/**
 * Runs the protected call against its timeout. Whether or not the call heeds the signal, the answer
 * is there in time; what a cut call does later is nobody's. `onSlow` runs once if the call is still
 * under way after `slowCallMs`.
 */
export function runCall<T>(
  call: (signal: AbortSignal) => Promise<T> | T,
  limits: { timeoutMs: number; slowCallMs?: number | undefined; onSlow: () => void; clock: Clock },
): Promise<Settled<T>> {
  const { clock, timeoutMs, slowCallMs = Infinity, onSlow } = limits;
  const abort = new AbortController();
  return new Promise((resolve) => {
    const cancels: (() => void)[] = [];
    const settle = (settled: Settled<T>) => {
      for (const cancel of cancels) cancel();
      resolve(settled);
    };
    cancels.push(
      clock.after(timeoutMs, () => {
        const error = new CallTimeoutError(timeoutMs);
        settle({ ok: false, error });
        abort.abort(error);
      }),
    );
    if (slowCallMs < timeoutMs) cancels.push(clock.after(slowCallMs, onSlow));
    Promise.resolve()
      .then(() => call(abort.signal))
      .then(
        (value) => settle({ ok: true, value }),
        (error) => settle({ ok: false, error }),
      );
  });
}
