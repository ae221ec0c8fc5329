import type { Classify } from './classify.ts';
import type { CallRecord, CircuitStore, Clock, Mode, StoreChange, Transition } from './ports.ts';
import type { Rules } from './protocol/context.ts';
import type { FaultReporter, Warn } from './warnings.ts';

/** The longest wait for one contact with the store, in milliseconds. */
export interface StoreBudget {
  /** Default 60. */
  readonly readMs: number;
  /** Default 120. */
  readonly writeMs: number;
  /**
   * For a contact that may have to connect: an instance's first read and first write, and the
   * first contact after some seconds without one. Default 500.
   */
  readonly connectMs: number;
}

/** Each may be left out. Undefined counts as left out. */
export type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What a breaker is made of. All instances of a function should be given the same. */
export interface BreakerOptions extends Optional<Rules> {
  /**
   * The circuit's name: one per downstream, the same in the whole fleet. It is
   * the key of the circuit's item.
   */
  readonly name: string;
  readonly store: CircuitStore;
  /**
   * `observe` to try a new circuit on real traffic, `off` to do without it.
   * Default: `enforce`.
   */
  readonly mode?: Mode | undefined;
  /**
   * A call still running after this many milliseconds counts as failed, without
   * being cut; less than `callTimeoutMs`. Default: none.
   */
  readonly slowCallMs?: number | undefined;
  /**
   * How long a view of a closed circuit serves without a read, in milliseconds.
   * Default 0: one read per call.
   */
  readonly viewTtlMs?: number | undefined;
  /**
   * How many copies of the item the fleet keeps, over which reads are spread: beyond about 5,000
   * calls a second. Default 0.
   */
  readonly mirrors?: number | undefined;
  /**
   * Milliseconds kept free of the time that `remainingMs` returns, to report the
   * call and to answer. Default 300.
   */
  readonly reserveMs?: number | undefined;
  readonly storeBudget?: Optional<StoreBudget> | undefined;
  /**
   * What a call's result says of the downstream's health. A call that it cannot
   * judge, because it throws or returns none of the three, counts for nothing.
   * Default: `defaultClassify`.
   */
  readonly classify?: Classify | undefined;
  /**
   * Called once per transition, on the instance whose write made it. Whatever a
   * listener does, the calls go on; its first fault is passed to `warn`.
   */
  readonly onTransition?: ((transition: Transition) => void) | undefined;
  /** Called after every call of `execute`, before its fallback. */
  readonly onCall?: ((call: CallRecord) => void) | undefined;
  /**
   * Called when the store goes out of reach and when it comes back. Default:
   * the first time is passed to `warn`.
   */
  readonly onStoreChange?: ((change: StoreChange) => void) | undefined;
  /** Called once for each thing that a programmer has to fix. Default: a warning of the process. */
  readonly warn?: Warn | undefined;
  /** Names this instance in the item and in events. Default: random. */
  readonly instanceId?: string | undefined;
  /** Default: the real clock. */
  readonly clock?: Clock | undefined;
  /** A number in [0, 1), for jitter. Default: random. */
  readonly random?: (() => number) | undefined;
}

/** The options as they are given, with their defaults. */
export type CompleteOptions = {
  readonly [K in keyof BreakerOptions]-?: Exclude<BreakerOptions[K], undefined>;
} & { readonly storeBudget: StoreBudget };

/** What the breaker works with: listeners and `classify` are safe to call. */
export interface Settings extends CompleteOptions {
  readonly faults: FaultReporter;
}
