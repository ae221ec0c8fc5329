import type { Instance } from './instance.ts';
import { between, byQuantiles, happens, type Random } from './random.ts';
import type { Contact, Fault, StorePath } from './store-path.ts';

/** What a store and the way to it are like for a whole fleet. */
export interface StoreConditions {
  /**
   * steady: 3 to 7 ms. tail: half within 4 ms, 99 % within 15 ms, 99.9 % within 80 ms. Default:
   * steady.
   */
  readonly latency?: 'steady' | 'tail';
  /** Default: connections are kept for ever. */
  readonly reconnect?: Reconnect;
  readonly faults?: readonly FaultPeriod[];
  /** How old an item an eventual read may show. Default: 10 ms. */
  readonly maxLagMs?: number;
}

/** A kept connection that was not used for a while may be gone; the next contact then connects. */
export interface Reconnect {
  readonly afterIdleMs: number;
  /** The share of connections that are gone by then. */
  readonly share: number;
  /** How much longer the contact takes: name look-up, TCP and TLS on a slow processor. */
  readonly takesMs: number;
}

/** A fault of the share of the contacts that begin in its time. */
export interface FaultPeriod {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly fault: Fault;
  readonly share: number;
  /** Default: reads and writes. */
  readonly only?: Contact['kind'];
}

export const LATENCY_MS = [3, 7] as const;
/** The latency at each share of the contacts. */
const TAIL_MS = [
  [0, 2],
  [0.5, 4],
  [0.99, 15],
  [0.999, 80],
  [1, 400],
] as const;
const MAX_SLOWNESS_MS = 300;

/** An instance's way to a store under these conditions. */
export function pathUnder(
  { latency = 'steady', reconnect, faults = [] }: StoreConditions,
  instance: Instance,
  random: Random,
): StorePath {
  const { time } = instance;
  let usedAtMs = -Infinity;
  let readyAtMs = -Infinity;
  return {
    latencyMs: () =>
      latency === 'tail' ? byQuantiles(random, TAIL_MS) : between(random, ...LATENCY_MS),
    slownessMs: () => random() * MAX_SLOWNESS_MS,
    connectMs() {
      const nowMs = time.elapsedMs;
      const isConnecting = readyAtMs > nowMs;
      if (reconnect && !isConnecting && nowMs - usedAtMs > reconnect.afterIdleMs) {
        const isGone = happens(random, reconnect.share);
        readyAtMs = isGone ? nowMs + reconnect.takesMs : nowMs;
      }
      return Math.max(0, readyAtMs - nowMs);
    },
    answered() {
      // What arrives at a frozen instance finds nobody who would keep the connection.
      if (!instance.isPaused) usedAtMs = time.elapsedMs;
    },
    fault({ kind }) {
      const nowMs = time.elapsedMs;
      const period = faults.find(
        ({ fromMs, untilMs, share, only = kind }) =>
          nowMs >= fromMs && nowMs < untilMs && only === kind && happens(random, share),
      );
      return period?.fault;
    },
  };
}
