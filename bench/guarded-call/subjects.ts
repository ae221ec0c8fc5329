/** The breakers that are compared, each brought into a state and then called. */
import {
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  type IPolicy,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { createBreaker, memoryStore } from 'fleet-breaker';
import CircuitBreaker from 'opossum';

export const STATES = ['closed', 'open', 'half-open', 'failing'] as const;
export type State = (typeof STATES)[number];

export type GuardedCall = () => Promise<unknown>;

export interface Subject {
  readonly name: string;
  /** Whether a call is cut after `TIMEOUT_MS`. */
  readonly hasTimeout: boolean;
  /** Undefined where there is no such state, or calls wait in it. */
  readonly bringInto: (state: State) => Promise<GuardedCall | undefined>;
}

const TIMEOUT_MS = 2_000;
/** So long, and so many, that nothing changes while it is measured. */
const EVER_MS = 3_600_000;
const EVER = 1_000_000_000;
const VALUE = { status: 200, body: 'ok' };
/** Made once: what is measured is not the stack of the downstream's error. */
const DOWN = new Error('down');

type Downstream = (signal?: AbortSignal) => Promise<unknown>;
const healthy: Downstream = async () => VALUE;
const down: Downstream = async () => {
  throw DOWN;
};
const hanging: Downstream = () => new Promise(() => {});

/** What everybody would have to write who wants calls to end in time. */
async function withDeadline(call: Downstream): Promise<unknown> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    return await call(abort.signal);
  } finally {
    clearTimeout(timer);
  }
}

const inClosedOnly =
  (guard: (call: Downstream) => Promise<unknown>): Subject['bringInto'] =>
  async (state) => {
    if (state === 'closed') return () => guard(healthy);
    return state === 'failing' ? () => guard(down) : undefined;
  };

/** One failure trips it; only where it has to be open. */
const tripsAt = (state: State) => (state === 'open' || state === 'half-open' ? 1 : EVER);

const fleetBreaker =
  (viewTtlMs: number): Subject['bringInto'] =>
  async (state) => {
    const isHalfOpen = state === 'half-open';
    const breaker = createBreaker({
      ...{ name: 'bench', store: memoryStore(), viewTtlMs, failureThreshold: tripsAt(state) },
      ...{ callTimeoutMs: TIMEOUT_MS, streakWindowMs: EVER_MS },
      ...(isHalfOpen ? { openMs: 1, maxOpenMs: 1 } : { openMs: EVER_MS, maxOpenMs: EVER_MS }),
    });
    if (state === 'closed') return () => breaker.execute(healthy);
    if (state === 'failing') return () => breaker.execute(down);
    await breaker.execute(down).catch(() => {});
    if (isHalfOpen) {
      await passed(50);
      void breaker.execute(hanging).catch(() => {});
      await passed(1);
    }
    return () => breaker.execute(healthy);
  };

const opossum =
  (timeoutMs: number | false): Subject['bringInto'] =>
  async (state) => {
    const isHalfOpen = state === 'half-open';
    const breaker = new CircuitBreaker((call: Downstream) => call(), {
      timeout: timeoutMs,
      resetTimeout: isHalfOpen ? 1 : EVER_MS,
      volumeThreshold: tripsAt(state),
      // With them every failure sorts all latencies of the last ten seconds.
      rollingPercentilesEnabled: false,
    });
    if (state === 'closed') return () => breaker.fire(healthy);
    if (state === 'failing') return () => breaker.fire(down);
    await breaker.fire(down).catch(() => {});
    if (isHalfOpen) {
      await passed(50);
      void breaker.fire(hanging).catch(() => {});
    }
    return () => breaker.fire(healthy);
  };

const cockatiel =
  (timeoutMs: number | false): Subject['bringInto'] =>
  async (state) => {
    // Its calls wait for the probe then.
    if (state === 'half-open') return undefined;
    const breaker = circuitBreaker(handleAll, {
      breaker: new ConsecutiveBreaker(tripsAt(state)),
      halfOpenAfter: EVER_MS,
    });
    const policy: IPolicy = timeoutMs
      ? wrap(breaker, timeout(timeoutMs, TimeoutStrategy.Aggressive))
      : breaker;
    const guard = (call: Downstream) => policy.execute(({ signal }) => call(signal));
    if (state === 'closed') return () => guard(healthy);
    if (state === 'failing') return () => guard(down);
    await guard(down).catch(() => {});
    return () => guard(healthy);
  };

export const SUBJECTS: readonly Subject[] = [
  { name: 'floor', hasTimeout: true, bringInto: inClosedOnly(withDeadline) },
  { name: 'bare call', hasTimeout: false, bringInto: inClosedOnly((call) => call()) },
  { name: 'fleet-breaker, view kept', hasTimeout: true, bringInto: fleetBreaker(EVER_MS) },
  { name: 'fleet-breaker, read per call', hasTimeout: true, bringInto: fleetBreaker(0) },
  { name: 'opossum', hasTimeout: true, bringInto: opossum(TIMEOUT_MS) },
  { name: 'cockatiel', hasTimeout: true, bringInto: cockatiel(TIMEOUT_MS) },
  { name: 'opossum, no timeout', hasTimeout: false, bringInto: opossum(false) },
  { name: 'cockatiel, no timeout', hasTimeout: false, bringInto: cockatiel(false) },
];

const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
