import type { CircuitState, Item, Override } from './state.ts';
import type { Write } from './writes.ts';

/** Where circuits are kept. Makes ONE attempt, bounds its time by itself, rejects with StoreError. */
export interface CircuitStore {
  /** `consistent`: the latest item; otherwise one that may be some milliseconds old. */
  read(name: string, options: { readonly consistent: boolean }): Promise<Item | undefined>;
  write(name: string, write: Write): Promise<WriteResult>;
}

/** `item`: as the write left it; or the one that refused it, undefined where there is none. */
export type WriteResult =
  | { readonly applied: true; readonly item: Item }
  | { readonly applied: false; readonly item: Item | undefined };

/** The wall clock, in epoch milliseconds: an instance may be frozen between two calls. */
export interface Clock {
  now(): number;
  /** Runs `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A change of generation, told by the instance whose write made it, once. */
export interface Transition {
  readonly name: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** The write that made it: `trip`, `claimProbe`, `recover`, `override` ... */
  readonly operation: string;
  readonly generation: number;
  readonly override?: Override | undefined;
  readonly reason: string;
  readonly atMs: number;
  readonly by: string;
  /** `instance`: a local decision while the store was out of reach; nobody else knows of it. */
  readonly scope: 'fleet' | 'instance';
}

/** One call of `execute`. `ignored`: the answer says nothing about the downstream's health. */
export interface CallRecord {
  readonly name: string;
  readonly outcome: 'success' | 'failure' | 'ignored' | 'refused';
  readonly probe: boolean;
  /** Duration of the downstream call alone; 0 when refused. */
  readonly latencyMs: number;
  readonly error?: unknown;
}

/** The store went out of reach (with the error) or came back. */
export type StoreChange = { name: string; available: boolean; error?: Error };

/** The circuit's item as people read it (times in ISO 8601), and what follows from it. Plain JSON. */
export interface CircuitStatus extends Item {
  readonly name: string;
  /** What callers meet: an override in force shows as the state that it forces. */
  readonly state: CircuitState;
  readonly generation: number;
  readonly reason: string;
  /** Only while calls are refused. */
  readonly retryAfterMs?: number;
  /** `unavailable`: the store did not answer; the rest is this instance's own view. */
  readonly store: 'available' | 'unavailable';
}
