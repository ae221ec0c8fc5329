import { memoryStore } from 'fleet-breaker';
import { expect, test } from 'vitest';
import { countingStore, type StoreUse } from './counting-store.ts';

test('reads and writes are passed on and counted, refused writes too', async () => {
  const told: StoreUse[] = [];
  const store = countingStore(memoryStore(), (use) => told.push(use));
  const write = {
    operation: 'openStreak',
    conditions: [{ attribute: 'generation', is: 'equal', value: 7 }],
    set: {},
  } as const;
  expect(await store.read('a', { consistent: false })).toBeUndefined();
  expect(await store.write('a', write)).toMatchObject({ applied: false });
  expect(told).toEqual([
    { storeReads: 1, storeWrites: 0 },
    { storeReads: 1, storeWrites: 1 },
  ]);
});
