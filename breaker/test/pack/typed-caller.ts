/** What callers write under the strictest settings, `exactOptionalPropertyTypes` among them. */
import { type Breaker, type CircuitStatus, createBreaker, memoryStore } from 'fleet-breaker';
import { dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';

declare const maybe: number | undefined;
declare const maybeText: string | undefined;
declare const maybeFallback: (() => string) | undefined;
declare const maybeSignal: AbortSignal | undefined;

export const breaker: Breaker = createBreaker({
  name: 'typed',
  store: memoryStore(),
  slowCallMs: maybe,
  storeBudget: { readMs: maybe },
  onCall: undefined,
});

export const lite: Breaker = createBreaker({
  name: 'typed',
  store: dynamoLiteStore({ tableName: 'circuits', region: maybeText, endpoint: maybeText }),
});

export const answer: Promise<string> = breaker.execute(() => 'value', {
  fallback: maybeFallback,
  signal: maybeSignal,
  remainingMs: maybe,
});
export const stopped: Promise<void> = breaker.forceOpen('maintenance', maybe);

/** A mock, as people make one for the code that is given a breaker. */
export const mock: Breaker = {
  execute: async (call) => call(new AbortController().signal),
  wrap:
    (call) =>
    async (...args) =>
      call(new AbortController().signal, ...args),
  prefetch: async () => {},
  status: async (): Promise<CircuitStatus> => ({
    name: 'mock',
    state: 'CLOSED',
    generation: 0,
    reason: '',
    store: 'available',
  }),
  forceOpen: async () => {},
  forceClosed: async () => {},
  release: async () => {},
  close: async () => {},
};

// @ts-expect-error A call that is already made is no function.
breaker.execute(Promise.resolve('value'));
// @ts-expect-error A client is the other store's.
dynamoLiteStore({ client: {}, tableName: 'circuits' });
// @ts-expect-error A fallback is a function.
breaker.execute(() => 'value', { fallback: [] });
