import {
  type BreakerOptions,
  type CallOutcome,
  CircuitOpenError,
  type CircuitStore,
  type Write,
} from 'fleet-breaker';
import type { Instance } from './instance.ts';
import type { Monitor } from './monitor.ts';
import type { Random } from './random.ts';
import { KEY, type SharedItem } from './shared-item.ts';
import { WatchedBreaker } from './watched-breaker.ts';

/** A way to guard the downstream. `start` is called in every new instance. */
export interface Policy {
  readonly name: string;
  /** Its instances tell the monitor what they do. */
  readonly isWatched?: true;
  /** Rules of its own instead of the world's. */
  readonly rules?: Partial<Rules>;
  /** Probes in one half-open generation. Default 1. */
  readonly maxProbes?: number;
  /** A variant that explains a figure; nothing is promised of it. */
  readonly isUnbounded?: true;
  start(ports: PolicyPorts, rules: Rules): Guard;
}

/** Answers one request, with or without calling. */
export type Guard = (callDownstream: CallDownstream) => Promise<CallOutcome>;

/** A call that fails rejects; a hung one never ends. `isProbe`: to find out, for the figures. */
export type CallDownstream = (isProbe?: boolean) => Promise<void>;

export interface PolicyPorts {
  readonly instance: Instance;
  readonly item: SharedItem;
  readonly random: Random;
  readonly monitor: Monitor;
}

/** What all policies of a comparison have in common. */
export interface Rules {
  readonly failureThreshold: number;
  /** Of this breaker. Default 1: so many failures in a row, as most of the others count. */
  readonly failureRate?: number;
  /** Of this breaker. Default 0. */
  readonly rampMs?: number;
  /** The first open period. */
  readonly openMs: number;
  readonly callTimeoutMs: number;
}

/** For showing that the monitor is awake: makes another write of one that the library asks for. */
export type Tamper = (write: Write) => Write;

/** The real library as a policy. */
export function thisBreaker(
  name: string,
  options: Partial<BreakerOptions> = {},
  tamper: Tamper = (write) => write,
): Policy {
  return {
    name,
    isWatched: true,
    maxProbes: options.probes?.max ?? 1,
    rules: ruleOptions(options),
    start(ports, rules) {
      const { instance, monitor, random } = ports;
      const guarded = new WatchedBreaker(instance, storeOf(ports, tamper), monitor, {
        failureRate: 1,
        ...rules,
        ...options,
        name: KEY,
        random,
      });
      const fallback = (error: unknown) =>
        error instanceof CircuitOpenError ? ('refused' as const) : ('failure' as const);
      return (callDownstream) =>
        guarded.execute(
          async (isProbe) => {
            await callDownstream(isProbe);
            return 'success' as const;
          },
          { fallback },
        );
    },
  };
}

function ruleOptions(options: Partial<BreakerOptions>): Partial<Rules> {
  const { failureThreshold, failureRate, rampMs } = options;
  return {
    ...(rampMs !== undefined && { rampMs }),
    ...(failureThreshold !== undefined && { failureThreshold }),
    ...(failureRate !== undefined && { failureRate }),
  };
}

function storeOf({ instance, item, monitor }: PolicyPorts, tamper: Tamper): CircuitStore {
  return {
    read: (name, options) => item.read(instance, options, name),
    write: (name, write) =>
      item.write(
        instance,
        async (memory, key) => {
          const before = memory.items.get(key);
          const result = memory.write(key, tamper(write));
          const after = memory.items.get(key);
          if (!after || after === before) return result;
          if (key === KEY) monitor.writeApplied(write, after);
          else monitor.copyWritten(key, after);
          return result;
        },
        name,
      ),
  };
}
