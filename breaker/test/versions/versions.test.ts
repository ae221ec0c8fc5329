/**
 * A rolling deployment: instances whose items are of schema 1 beside instances of this version, in
 * one table. The earlier ones are the library as it was (schema-1.mjs).
 */
import { DeleteItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Breaker, BreakerOptions, StoreChange } from 'fleet-breaker';
import * as current from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { testClock } from 'fleet-breaker/testing';
import { expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../../src/protocol/circuit.ts';
import { describeEngines, type Engine } from '../stores/engines.ts';
import * as schema1 from './schema-1.mjs';

/** More than one, so that there are streaks. */
const T = 2;
const OPEN_MS = 5_000;

const answer = async () => 'answer';
const fail = () => Promise.reject(new Error('no'));
const hang = () => new Promise<never>(() => {});

/** What a call comes to, in a word. */
const call = (breaker: Breaker, made: () => Promise<unknown> = answer) =>
  breaker.execute(made).then(String, (error) => `${error.name}`);

async function callTimes(times: number, breaker: Breaker, made: () => Promise<unknown>) {
  for (let i = 0; i < times; i++) await call(breaker, made);
}

let circuits = 0;

/** One circuit, and instances of both versions. Time stands still: the store has all it needs. */
function circuitOn(engine: Engine) {
  circuits++;
  const name = `circuit-${circuits}`;
  const clock = testClock();
  const { client, tableName } = engine;
  const address = { TableName: tableName, Key: { pk: { S: name } } };
  const storeChanges: StoreChange[] = [];
  const rules = { name, clock, random: () => 0.5, failureThreshold: T, openMs: OPEN_MS };
  const onStoreChange = (change: StoreChange) => storeChanges.push(change);
  let instances = 0;
  const options = (): Omit<BreakerOptions, 'store'> => {
    instances++;
    return { ...rules, instanceId: `instance-${instances}`, onStoreChange };
  };
  return {
    name,
    clock,
    storeChanges,
    earlier: (own: object = {}) => {
      const store = schema1.dynamoStore({ client, tableName });
      return schema1.createBreaker({ ...options(), store, ...own });
    },
    later: (own: object = {}) =>
      current.createBreaker({
        ...options(),
        store: dynamoStore({ client, tableName }),
        failureThreshold: 1,
        ...own,
      }),
    item: async (): Promise<Record<string, unknown>> => {
      const get = { ...address, ConsistentRead: true };
      const { Item = {} } = await client.send(new GetItemCommand(get));
      return Object.fromEntries(
        Object.entries(Item).map(([key, { N, S }]) => [key, N === undefined ? S : Number(N)]),
      );
    },
    deleteItem: () => client.send(new DeleteItemCommand(address)),
  };
}

type Circuit = ReturnType<typeof circuitOn>;

/** What instances of the earlier version leave in the item, and what a call of this one then meets. */
const LEFT: [string, (circuit: Circuit, breaker: Breaker) => Promise<unknown>, string, object][] = [
  [
    'closed with a streak',
    (_, breaker) => call(breaker, fail),
    'answer',
    { state: 'CLOSED', streakId: 1 },
  ],
  ['open', (_, breaker) => callTimes(T, breaker, fail), 'CircuitOpenError', { state: 'OPEN' }],
  [
    'half-open, with a probe under way',
    async ({ clock }, breaker) => {
      await callTimes(T, breaker, fail);
      await clock.advance(2 * OPEN_MS);
      void call(breaker, hang);
      await untilTrue(async () => (await breaker.status()).state === 'HALF_OPEN');
    },
    'CircuitOpenError',
    { state: 'HALF_OPEN', probesIssued: 1 },
  ],
  [
    'closed again',
    async ({ clock }, breaker) => {
      await callTimes(T, breaker, fail);
      await clock.advance(2 * OPEN_MS);
      await call(breaker);
    },
    'answer',
    { state: 'CLOSED', closedAtMs: expect.any(Number) },
  ],
  [
    'forced open until a time',
    ({ clock }, breaker) => breaker.forceOpen('drill', clock.now() + 60_000),
    'CircuitOpenError',
    { override: 'FORCED_OPEN', overrideUntilMs: expect.any(Number), reason: 'drill' },
  ],
  [
    'forced closed',
    (_, breaker) => breaker.forceClosed('it is well'),
    'answer',
    { override: 'FORCED_CLOSED' },
  ],
];

const NAMES_OF_SCHEMA_1 = [
  'updatedAt',
  'closedAt',
  'openUntil',
  'probeLeaseUntil',
  'overrideUntil',
];

describeEngines((engine) => {
  it.each(LEFT)('An item of schema 1 that is %s is obeyed and replaced', async (...left) => {
    const [, leave, met, shows] = left;
    const circuit = circuitOn(engine());
    await leave(circuit, circuit.earlier());
    const before = await circuit.item();
    expect(before.schemaVersion).toBe(1);
    expect(await call(circuit.later())).toBe(met);
    const after = await circuit.item();
    expect(after).toMatchObject({ ...shows, schemaVersion: SCHEMA_VERSION });
    expect(after.generation).toBe(Number(before.generation) + 1);
    expect(NAMES_OF_SCHEMA_1.filter((attribute) => attribute in after)).toEqual([]);
    expect(circuit.storeChanges).toEqual([]);
  });

  it('Of instances that find it at once, one replaces it', async () => {
    const circuit = circuitOn(engine());
    await callTimes(T, circuit.earlier(), fail);
    const { generation } = await circuit.item();
    const found = Array.from({ length: 8 }, () => call(circuit.later()));
    expect(new Set(await Promise.all(found))).toEqual(new Set(['CircuitOpenError']));
    expect(await circuit.item()).toMatchObject({ generation: Number(generation) + 1 });
  });

  it('What an earlier instance has under way is refused once the item is replaced', async () => {
    const circuit = circuitOn(engine());
    const earlier = circuit.earlier({ failureThreshold: 1 });
    await circuit.earlier().forceClosed('so that there is an item');
    await circuit.earlier().release();
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const underWay = call(earlier, () => ended.then(fail));
    await untilTrue(async () => (await earlier.status()).store === 'available');
    await call(circuit.later());
    const replaced = await circuit.item();
    end();
    expect(await underWay).toBe('Error');
    expect(await circuit.item()).toEqual(replaced);
  });

  it('Earlier instances then protect themselves, alone, and leave the item as it is', async () => {
    const circuit = circuitOn(engine());
    const earlier = circuit.earlier();
    await callTimes(1, earlier, fail);
    await call(circuit.later());
    const replaced = await circuit.item();
    expect(await call(earlier)).toBe('answer');
    await callTimes(T, earlier, fail);
    expect(await call(earlier)).toBe('CircuitOpenError');
    expect(await circuit.item()).toEqual(replaced);
    expect(circuit.storeChanges).toMatchObject([{ available: false }]);
  });

  it('After the roll-out all instances share the circuit', async () => {
    const circuit = circuitOn(engine());
    await callTimes(1, circuit.earlier(), fail);
    const [a, b] = [circuit.later(), circuit.later()];
    await call(a);
    await call(a, fail);
    expect(await call(b)).toBe('CircuitOpenError');
    await circuit.clock.advance(2 * OPEN_MS);
    expect(await call(b)).toBe('answer');
    expect(await call(a)).toBe('answer');
    expect(await circuit.item()).toMatchObject({ state: 'CLOSED', schemaVersion: SCHEMA_VERSION });
  });

  it('After a roll-back the instances protect themselves alone until the item is deleted', async () => {
    const circuit = circuitOn(engine());
    await callTimes(1, circuit.later(), fail);
    const [a, b] = [circuit.earlier(), circuit.earlier()];
    await callTimes(T, a, fail);
    expect([await call(a), await call(b)]).toEqual(['CircuitOpenError', 'answer']);
    await circuit.deleteItem();
    await circuit.clock.advance(60_000);
    await callTimes(T, a, fail);
    expect([await call(a), await call(b)]).toEqual(['CircuitOpenError', 'CircuitOpenError']);
    expect(await circuit.item()).toMatchObject({ state: 'OPEN', schemaVersion: 1 });
  });

  it('An instance of this version obeys one of the earlier that opens the circuit later', async () => {
    const circuit = circuitOn(engine());
    const later = circuit.later();
    expect(await call(later)).toBe('answer');
    await callTimes(T, circuit.earlier(), fail);
    expect(await call(later)).toBe('CircuitOpenError');
  });
});

async function untilTrue(isSo: () => Promise<boolean>): Promise<void> {
  await expect.poll(isSo, { interval: 5, timeout: 10_000 }).toBe(true);
}
