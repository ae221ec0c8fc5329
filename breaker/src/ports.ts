/** What the breaker asks of its surroundings, and what it reports to them. */
import type { WriteResult } from './protocol/apply-write.ts';
import type { CircuitState, Item, Override } from './protocol/circuit.ts';
import type { Write } from './protocol/conditional-write.ts';
import type { Verdict } from './protocol/settle.ts';

/**
 * Where circuits are kept. A store makes ONE attempt per call, bounds its time
 * by itself, and rejects with StoreError. The breaker does not wait for it
 * longer than its budget, and does not abort it (docs/adr/0003).
 */
export interface CircuitStore {
  /**
   * The item of the circuit, undefined if there is none. With `consistent` it
   * is the latest; without, it may be some milliseconds old.
   */
  read(name: string, options: { readonly consistent: boolean }): Promise<Item | undefined>;
  /** Applies the write if all its conditions hold, atomically. */
  write(name: string, write: Write): Promise<WriteResult>;
}

/** The wall clock, because an instance may be frozen between two calls. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `callback` once after `delayMs`. The returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A change of generation, published once, by the instance whose write made it. */
export interface Transition {
  readonly name: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** The write that made it: `trip`, `claimProbe`, `recover`, `override`, ... */
  readonly operation: string;
  readonly generation: number;
  readonly override?: Override | undefined;
  readonly reason: string;
  /** When it was made, by the writer's clock, in epoch milliseconds. */
  readonly atMs: number;
  /** The `instanceId` of the writer. */
  readonly by: string;
  /**
   * `instance` marks a transition made in local mode, while the store was out
   * of reach or could not be written: no other instance knows of it.
   */
  readonly scope: 'fleet' | 'instance';
}

/**
 * What the breaker does with its circuit.
 * - `enforce`: refuses calls while the circuit is open, and cuts those that take too long.
 * - `observe`: counts and reports the same, but neither refuses nor cuts a call.
 * - `off`: makes the call, and uses neither circuit nor store.
 */
export type Mode = 'enforce' | 'observe' | 'off';

/** How a call of `execute` ended. */
export type CallOutcome = Verdict | 'refused';

/** One call of `execute`. */
export interface CallRecord {
  readonly name: string;
  readonly outcome: CallOutcome;
  /** Whether the call was the half-open circuit's probe. */
  readonly probe: boolean;
  /** Duration of the downstream call alone; 0 when refused. */
  readonly latencyMs: number;
  /** The call counted as failed for `slowCallMs`, whatever its outcome. */
  readonly slow?: true;
  /** The circuit refused the call, which was made all the same: `mode: 'observe'`. */
  readonly wouldRefuse?: true;
  /** What the call threw, or the refusal; absent if it returned. */
  readonly error?: unknown;
}

/** This instance was left to itself (with the store's error), or decides with the fleet again. */
export interface StoreChange {
  readonly name: string;
  readonly available: boolean;
  readonly error?: Error;
}

/**
 * The circuit as people read it: plain JSON. Besides the fields below it has
 * the item's attributes, with times in ISO 8601 under their names without `Ms`
 * (`openUntil`, `updatedAt`).
 */
export interface CircuitStatus extends Item {
  readonly name: string;
  /** The state that callers meet: an override shows as the state it forces. */
  readonly state: CircuitState;
  readonly generation: number;
  readonly reason: string;
  /** The breaker's mode; absent where it enforces what the circuit says. */
  readonly mode?: Exclude<Mode, 'enforce'>;
  /** Milliseconds until a call may be admitted; absent while calls pass. */
  readonly retryAfterMs?: number;
  /** `unavailable`: no answer; the rest is this instance's own view. */
  readonly store: 'available' | 'unavailable';
}
