/** A store under test, and a way past it to the item. */
import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Harness } from '../../simulation/memory-harness.ts';
import type { CircuitStore } from '../../src/ports.ts';
import type { WriteResult } from '../../src/protocol/apply-write.ts';
import type { Item } from '../../src/protocol/circuit.ts';
import type { Engine } from './engines.ts';

export { type Harness, memoryHarness } from '../../simulation/memory-harness.ts';

/** The store is one that leads to the engine's table. */
export function engineHarness(
  { client, tableName: TableName }: Engine,
  store: CircuitStore,
): Harness {
  return {
    store,
    async get(name) {
      const get = new GetItemCommand({ TableName, Key: { pk: { S: name } }, ConsistentRead: true });
      const { Item } = await client.send(get);
      return Item && withoutKey(mapped(Item, unmarshal));
    },
    async put(name, item) {
      const pk = { S: name };
      const Item = { ...mapped({ ...item }, marshal), pk };
      await (item
        ? client.send(new PutItemCommand({ TableName, Item }))
        : client.send(new DeleteItemCommand({ TableName, Key: { pk } })));
    },
  };
}

/** What a write came to, without the key, which only some stores keep in the item. */
export function outcomeOf({ applied, item }: WriteResult) {
  return { applied, item: item && withoutKey(item) };
}

export function withoutKey({ pk: _, ...item }: Item): Item {
  return item;
}

/** A circuit that no other test uses. */
export const newName = () => `circuit-${++circuits}`;
let circuits = 0;

/** Anything but text and numbers is given as DynamoDB writes it. */
function marshal(value: unknown): AttributeValue {
  if (typeof value === 'number') return { N: String(value) };
  return typeof value === 'string' ? { S: value } : (value as AttributeValue);
}

function unmarshal(value: AttributeValue): unknown {
  return value.N === undefined ? (value.S ?? value) : Number(value.N);
}

function mapped<V, T>(item: Record<string, V>, map: (value: V) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, map(value)]));
}
