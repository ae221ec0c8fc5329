import { type Breaker, FleetBreaker } from '../breaker.ts';
import { loadOptions } from '../load-options.ts';
import type { BreakerOptions, Settings } from '../options.ts';
import { applyWrite } from '../protocol/apply-write.ts';
import { ABSENT_CIRCUIT, type CircuitState, type Item } from '../protocol/circuit.ts';
import { decodeItem } from '../protocol/codec.ts';
import type { Write } from '../protocol/conditional-write.ts';
import type { DecisionContext } from '../protocol/context.ts';
import { claimProbe, trip } from '../protocol/writes.ts';
import { memoryStore } from '../stores/memory-store.ts';
import { type FailingStore, failingStore } from './failing-store.ts';
import { type TestClock, testClock } from './test-clock.ts';

/** A breaker for tests, and what there is to do to it. */
export interface TestBreaker {
  readonly breaker: Breaker;
  /** The breaker's time stands still until this is advanced. */
  readonly clock: TestClock;
  /** The breaker's store, to make it fail. */
  readonly store: FailingStore;
}

/** The options of `createBreaker` without `store` and `clock`, which the test is given. */
export type TestBreakerOptions = Partial<Omit<BreakerOptions, 'store' | 'clock'>>;

/**
 * A breaker whose circuit is in the given state.
 * - `CLOSED`: nothing has ever failed.
 * - `OPEN`: another instance has just tripped it. After `openMs` the next call is the probe.
 * - `HALF_OPEN`: another instance has just begun its probe, and will never report it.
 *
 * @example
 * const { breaker, clock } = breakerIn('OPEN');
 * const answer = await handlerWith(breaker)(event); // what your users get during an outage
 * await clock.advance(5_000); // the next call is the probe
 */
export function breakerIn(state: CircuitState, options: TestBreakerOptions = {}): TestBreaker {
  const clock = testClock();
  const memory = memoryStore();
  const store = failingStore(memory);
  const random = () => 0; // no jitter that would make a wait longer
  const settings = loadOptions({ name: 'test', random, ...options, store, clock });
  const item = itemIn(state, contextOf(settings));
  if (item) memory.items.set(settings.name, item);
  return { breaker: new FleetBreaker(settings), clock, store };
}

/** The item as the library's own writes leave it. */
function itemIn(state: CircuitState, ctx: DecisionContext): Item | undefined {
  if (state === 'CLOSED') return undefined;
  const opened = after(undefined, trip(ABSENT_CIRCUIT, { cause: 'HTTP 503' }, ctx));
  if (state === 'OPEN') return opened;
  const decoded = decodeItem(opened);
  if (!('circuit' in decoded) || decoded.circuit.state !== 'OPEN') return opened;
  return after(opened, claimProbe(decoded.circuit, ctx));
}

function after(item: Item | undefined, write: Write): Item | undefined {
  return applyWrite(item, write).item;
}

/** Another instance decides, and its open period has no jitter. */
function contextOf(settings: Settings): DecisionContext {
  return {
    // With a threshold of 1 a trip needs no streak before it.
    rules: { ...settings, failureThreshold: 1 },
    instanceId: 'another-instance',
    nowMs: settings.clock.now(),
    random: 0.5,
    probeId: 'another-instance#1',
  };
}
