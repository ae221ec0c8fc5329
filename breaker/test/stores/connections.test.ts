/** The kept connections to the table fail, as they do when an instance freezes and thaws: on every store, through a proxy. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CircuitOpenError,
  type CircuitStore,
  createBreaker,
  type StoreChange,
} from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { describe, it, type TestContext } from 'vitest';
import { startTcpProxy, type TcpProxy } from '../../../test/support/tcp-proxy.ts';
import { describeEngines, type Engine } from './engines.ts';
import { newName } from './harness.ts';
import { TABLE_STORES } from './table-stores.ts';

/** A contact after so long is given the time to connect. */
const IDLE_MS = 3_200;
const EVER_MS = 60_000;

const FAULTS: Readonly<Record<string, (proxy: TcpProxy) => void>> = {
  'are as they should be': () => {},
  'are reset on their next use': (proxy) => proxy.resetOnNextUse(),
  'are half-open: up, and leading nowhere': (proxy) => proxy.silenceAll(),
  'were closed meanwhile': (proxy) => proxy.resetAll(),
  'are 400 ms slow after idleness': (proxy) =>
    proxy.delayAfterIdle({ idleMs: 1_000, delayMs: 400 }),
};

async function proxyOf({ endpoint }: Engine, { onTestFinished }: TestContext): Promise<TcpProxy> {
  const proxy = await startTcpProxy({ targetPort: Number(new URL(endpoint).port) });
  onTestFinished(() => proxy.close());
  return proxy;
}

describeEngines((engine) => {
  describe.each(Object.entries(TABLE_STORES))('by %s', (_, storeAt) => {
    it.concurrent.for(Object.entries(FAULTS))(
      'the kept connections %s: no call passes the circuit that another instance has opened',
      async ([, begin], context) => {
        const { expect } = context;
        const { client, tableName } = engine();
        const proxy = await proxyOf(engine(), context);
        const name = newName();
        const changes: StoreChange[] = [];
        const instanceOf = (store: CircuitStore) =>
          createBreaker({
            ...{ name, store, failureThreshold: 1, openMs: EVER_MS, maxOpenMs: EVER_MS },
            storeBudget: { readMs: 500, writeMs: 500, connectMs: 1_000 },
            onStoreChange: (change) => changes.push(change),
          });
        // They may differ in how they reach the table.
        const one = instanceOf(dynamoStore({ client, tableName }));
        const other = instanceOf(storeAt({ endpoint: proxy.endpoint, tableName }));
        expect(await other.execute(() => 'fine')).toBe('fine');
        await sleep(IDLE_MS);
        await one.execute(() => Promise.reject(new Error())).catch(() => {});
        begin(proxy);
        await expect(other.execute(() => 'fine')).rejects.toBeInstanceOf(CircuitOpenError);
        expect(changes).toEqual([]);
      },
    );

    it.concurrent('one that leads nowhere is closed after a second, and not used again', async (context) => {
      const { expect } = context;
      const proxy = await proxyOf(engine(), context);
      const { tableName } = engine();
      const store = storeAt({ endpoint: proxy.endpoint, tableName });
      const read = () => store.read(newName(), { consistent: true });
      await read();
      proxy.silenceAll();
      await expect(read()).rejects.toMatchObject({ kind: 'unavailable' });
      await expect.poll(proxy.countOpen).toBe(0);
      expect(await read()).toBeUndefined();
      expect(proxy.countAccepted()).toBe(2);
    });
  });
});
