import type { CircuitStore } from 'fleet-breaker';

export interface StoreUse {
  readonly storeReads: number;
  readonly storeWrites: number;
}

/** Tells after every operation what this environment has asked of the table so far: that is what it costs. */
export function countingStore(
  store: CircuitStore,
  onOperation: (use: StoreUse) => void,
): CircuitStore {
  let [storeReads, storeWrites] = [0, 0];
  const tell = () => onOperation({ storeReads, storeWrites });
  return {
    read(...operation) {
      storeReads += 1;
      tell();
      return store.read(...operation);
    },
    write(...operation) {
      storeWrites += 1;
      tell();
      return store.write(...operation);
    },
  };
}
