/**
 * The alternative that docs/adr/0005 rejects, in the place of gateway-v2's own circuit-store.ts: the SDK is imported by
 * the first use of the store, and not before the product request has left, because evaluating it holds the processor.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { CircuitStore } from 'fleet-breaker';

const isRequestOut = new Promise<void>((resolve) => {
  subscribe('undici:client:sendHeaders', () => resolve());
});

export function circuitStore(tableName: string): CircuitStore {
  let loading: Promise<CircuitStore> | undefined;
  const load = async () => {
    await isRequestOut;
    const late = await import('../../lambdas/gateway-v2/circuit-store.ts');
    return late.circuitStore(tableName);
  };
  const store = () => {
    loading ??= load();
    return loading;
  };
  return {
    read: async (...operation) => (await store()).read(...operation),
    write: async (...operation) => (await store()).write(...operation),
  };
}
