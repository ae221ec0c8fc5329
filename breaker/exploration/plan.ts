import type { Item } from 'fleet-breaker';
import type { Tamper } from '../simulation/policy.ts';
import type { FleetOptions } from './explored-instance.ts';
import type { Kind } from './steps.ts';

/** A kind of schedule: how many instances, what may happen, and how often. */
export interface Plan {
  readonly name: string;
  readonly instances: number;
  readonly options: FleetOptions & typeof RULES;
  /** The item at the beginning, the version before it, and when that is. */
  readonly start: {
    readonly item: Item | undefined;
    readonly previous?: Item | undefined;
    readonly elapsedMs: number;
  };
  /**
   * Whether reads and the answers to writes take no step of their own: each is answered at once, and
   * schedules reach twice as far. Writes still arrive when the schedule says so.
   */
  readonly isPrompt: boolean;
  /** Calls of the whole fleet. */
  readonly calls: number;
  /** How many times an instance or the way to the store may fail, or a clock jump. */
  readonly faults: number;
  readonly mayFail: readonly Kind[];
  /** How many times time may pass. */
  readonly passes: number;
  /** How many times operators and people with the item in an editor may act. */
  readonly words: number;
  readonly mayBeSaid: readonly Kind[];
  readonly tamper?: Tamper;
}

export const RULES = {
  failureThreshold: 2,
  failureRate: 1,
  callTimeoutMs: 1_000,
  openMs: 1_000,
  maxOpenMs: 4_000,
  streakWindowMs: 30_000,
  rampMs: 0,
  probes: { max: 1, need: 1 },
};
