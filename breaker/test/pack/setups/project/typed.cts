/** The same in CommonJS. */
import breakers = require('fleet-breaker');
import testing = require('fleet-breaker/testing');

const breaker: breakers.Breaker = breakers.createBreaker({
  name: 'typed',
  store: breakers.memoryStore(),
});
export const answer: Promise<string> = breaker.execute(() => 'value');
export const clock: testing.TestClock = testing.testClock();

// @ts-expect-error A breaker without a name.
breakers.createBreaker({ store: breakers.memoryStore() });
