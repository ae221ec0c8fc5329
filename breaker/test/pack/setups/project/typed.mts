/** What callers of an ECMAScript module write; the errors that are expected show that types arrive. */
import { type Breaker, CircuitOpenError, createBreaker, memoryStore } from 'fleet-breaker';
import { dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';
import { type CircuitMetric, powertoolsListeners } from 'fleet-breaker/powertools';
import { breakerIn, failingStore, testClock } from 'fleet-breaker/testing';

const names: string[] = [];
const metrics = { addMetric: (name: string) => void names.push(name) };
const breaker: Breaker = createBreaker({
  name: 'typed',
  store: failingStore(memoryStore()),
  clock: testClock(),
  ...powertoolsListeners({ metrics }),
});
export const getPrice: (id: string) => Promise<number> = breaker.wrap(
  async (signal, id: string) => (signal.aborted ? 0 : id.length),
  { fallback: (error, id) => (error instanceof CircuitOpenError ? error.retryAfterMs : id.length) },
);
export const metric: CircuitMetric = 'ToOpen';
export const store = dynamoLiteStore({ tableName: 'circuits' });
export const { clock } = breakerIn('HALF_OPEN');

// @ts-expect-error A breaker without a name.
createBreaker({ store: memoryStore() });
// @ts-expect-error There is no such state.
breakerIn('AJAR');
// @ts-expect-error The wrapped function is called with an id.
getPrice();
