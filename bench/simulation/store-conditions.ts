import type { EventLoop } from './event-loop.ts';
import type { Instance } from './instance.ts';
import type { Trouble } from './item.ts';
import { between, byQuantiles, happens, type Random } from './random.ts';

/** What the store and the way to it are like. */
export interface StoreConditions {
  /**
   * steady: 3 to 7 ms; tail: as measured from Lambda functions, half within 4 ms, 99 % within 15 ms,
   * 99.9 % within 80 ms. Default: steady.
   */
  readonly latency?: 'steady' | 'tail';
  /** Default: connections are kept for ever. */
  readonly reconnect?: Reconnect;
  readonly troubles?: readonly Trouble[];
}

/** A kept connection that was not used for a while may be gone; the next contact then connects. */
export interface Reconnect {
  readonly afterIdleMs: number;
  /** The share of connections that are gone by then. */
  readonly share: number;
  /** What the contact takes longer: name look-up, TCP and TLS on a slow processor. */
  readonly takesMs: number;
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

/** One instance's connection with the store. */
export interface StoreConnection {
  latencyMs(): number;
  /** How long a contact that begins now waits for the connection. */
  readyAfterMs(): number;
  /** An answer has arrived. */
  answered(): void;
}

/** The connection of each instance, the same each time. */
export function storeConnections(loop: EventLoop, random: Random, conditions: StoreConditions) {
  const connections = new WeakMap<Instance, StoreConnection>();
  return (instance: Instance): StoreConnection => {
    const known = connections.get(instance);
    if (known) return known;
    const connection = connect(loop, random, instance, conditions);
    connections.set(instance, connection);
    return connection;
  };
}

function connect(
  loop: EventLoop,
  random: Random,
  instance: Instance,
  { latency = 'steady', reconnect }: StoreConditions,
): StoreConnection {
  let usedMs = -Infinity;
  let readyMs = -Infinity;
  return {
    latencyMs: () =>
      latency === 'tail' ? byQuantiles(random, TAIL_MS) : between(random, ...LATENCY_MS),
    readyAfterMs() {
      const isConnecting = readyMs > loop.nowMs;
      if (reconnect && !isConnecting && loop.nowMs - usedMs > reconnect.afterIdleMs) {
        const isGone = happens(random, reconnect.share);
        readyMs = loop.nowMs + (isGone ? reconnect.takesMs : 0);
      }
      return Math.max(0, readyMs - loop.nowMs);
    },
    answered() {
      // What arrives at a frozen instance finds nobody who would keep the connection.
      if (!instance.isPaused) usedMs = loop.nowMs;
    },
  };
}
