/** For the tests of code that uses a breaker: `fleet-breaker/testing`. */
export { breakerIn, type TestBreaker, type TestBreakerOptions } from './testing/breaker-in.ts';
export { type FailingStore, failingStore, type StoreTrouble } from './testing/failing-store.ts';
export { type TestClock, testClock } from './testing/test-clock.ts';
