import type { Context } from 'aws-lambda';
import { type Breaker, type Call, CircuitOpenError } from 'fleet-breaker';

/** The context of a handler behind `guarding`. */
export interface GuardedContext extends Context {
  /** Makes a call through the breaker, in the time that the invocation has left. */
  guarded: <T>(call: Call<T>) => Promise<T>;
}

/** As much of middy's request as is needed here. */
interface Request {
  context: GuardedContext;
  error: Error | null;
  response?: unknown;
}

/**
 * A middleware of middy: `middy(handler).use(guarding(breaker))`. It reads the circuit while the
 * middlewares after it work, and answers for a call that was refused.
 */
export function guarding(breaker: Breaker) {
  return {
    before: ({ context }: Request): void => {
      const prefetched = breaker.prefetch();
      const remainingMs = () => context.getRemainingTimeInMillis();
      context.guarded = (call) => breaker.execute(call, { prefetched, remainingMs });
    },
    onError: (request: Request): void => {
      if (!(request.error instanceof CircuitOpenError)) return;
      const seconds = Math.ceil(request.error.retryAfterMs / 1_000);
      request.response = {
        statusCode: 503,
        headers: { 'retry-after': String(seconds) },
        body: JSON.stringify({ message: 'Try again later' }),
      };
    },
  };
}
