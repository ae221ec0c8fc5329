import type { Breaker } from 'fleet-breaker';

/**
 * Guards a method: `@guardedBy(breaker)` above it. The method keeps its arguments, so it is not told
 * when its time is up; give its client a time limit of about `callTimeoutMs`.
 */
export function guardedBy(breaker: Breaker) {
  return <This, A extends unknown[], T>(
    method: (this: This, ...args: A) => Promise<T>,
    _context: unknown,
  ) =>
    function (this: This, ...args: A): Promise<T> {
      return breaker.execute(() => method.apply(this, args));
    };
}
