import type { Instance } from './instance.ts';
import type { SimulatedItem } from './item.ts';
import type { Monitor } from './monitor.ts';
import type { Random } from './random.ts';

export type Outcome = 'ok' | 'failed' | 'refused';

/** A way to guard the downstream. `start` is called in every new instance. */
export interface Policy {
  readonly name: string;
  /** Its instances tell the monitor what they do. */
  readonly isWatched?: true;
  /** A variant that explains a figure; nothing is promised of it. */
  readonly isUnbounded?: true;
  start(ports: PolicyPorts, rules: Rules): Gate;
}

/** Answers one request, with or without calling. A call that fails rejects; a hung one never ends. */
export type Gate = (call: (isProbe?: boolean) => Promise<void>) => Promise<Outcome>;

export interface PolicyPorts {
  readonly instance: Instance;
  readonly item: SimulatedItem;
  readonly random: Random;
  readonly monitor: Monitor;
}

/** What all policies of a comparison have in common. */
export interface Rules {
  readonly failureThreshold: number;
  /** The first open period. */
  readonly openMs: number;
  readonly callTimeoutMs: number;
}
