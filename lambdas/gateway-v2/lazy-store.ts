import { subscribe } from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CircuitStore } from 'fleet-breaker';

/** A store that is loaded when it is first used. */
export function lazyStore(load: () => Promise<CircuitStore>): CircuitStore {
  let loading: Promise<CircuitStore> | undefined;
  const loaded = () => {
    loading ??= load();
    return loading;
  };
  return {
    read: async (name, options) => (await loaded()).read(name, options),
    write: async (name, write) => (await loaded()).write(name, write),
  };
}

/**
 * Loading keeps the processor busy for a while. Begun before the product request is out, it would only
 * delay that; begun after it, the two overlap. A request that asks no service does not wait for one.
 */
export function firstRequestOut(patienceMs: number): () => Promise<unknown> {
  const isOut = new Promise<void>((resolve) => {
    subscribe('undici:client:sendHeaders', () => resolve());
  });
  return () => Promise.race([isOut, sleep(patienceMs)]);
}
