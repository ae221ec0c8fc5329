/** Tables as people have them: with other keys, with a sort key, or not there at all. */
import {
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { createBreaker, InvalidOptionsError } from 'fleet-breaker';
import { type DynamoStoreOptions, dynamoStore } from 'fleet-breaker/dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeEngines, type Engine } from '../stores/engines.ts';

type Keys = Pick<DynamoStoreOptions, 'partitionKey' | 'sortKey'>;

const good = () => 'good';
const fail = () => Promise.reject(new Error('no'));

async function createTable({ client }: Engine, TableName: string, names: readonly string[]) {
  const AttributeDefinitions = names.map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S' as const,
  }));
  const KeySchema = names.map((AttributeName, i) => ({
    AttributeName,
    KeyType: i === 0 ? ('HASH' as const) : ('RANGE' as const),
  }));
  const BillingMode = 'PAY_PER_REQUEST' as const;
  await client.send(
    new CreateTableCommand({ TableName, AttributeDefinitions, KeySchema, BillingMode }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName });
}

describeEngines((engine) => {
  const TABLES: [string, string[], Keys][] = [
    ['another key name', ['circuitName'], { partitionKey: 'circuitName' }],
    [
      'a sort key, as in a single-table design',
      ['PK', 'SK'],
      { partitionKey: 'PK', sortKey: { name: 'SK', value: 'CIRCUIT' } },
    ],
  ];

  it.each(TABLES)('A table with %s serves two instances', async (title, names, keys) => {
    const tableName = `with-${title.replaceAll(/\W/g, '-')}`;
    const { client } = engine();
    await createTable(engine(), tableName, names);
    const store = dynamoStore({ client, tableName, ...keys });
    const storeBudget = { readMs: 5_000, writeMs: 5_000, connectMs: 5_000 };
    const options = {
      name: 'recommendations',
      store,
      failureThreshold: 2,
      failureRate: 1,
      storeBudget,
    };
    const [a, b] = [createBreaker(options), createBreaker(options)];
    await a.execute(fail).catch(() => {});
    await b.execute(fail).catch(() => {});
    await expect(a.execute(good)).rejects.toThrow('"recommendations" is OPEN (2 x Error)');
    await b.close('mended');
    await expect(b.execute(good)).resolves.toBe('good');
  });

  it('Other items of a single table are left alone', async () => {
    const { client } = engine();
    const TableName = 'single';
    await createTable(engine(), TableName, ['PK', 'SK']);
    const Item = { PK: { S: 'user' }, SK: { S: 'PROFILE' }, state: { S: 'MARRIED' } };
    await client.send(new PutItemCommand({ TableName, Item }));
    const sortKey = { name: 'SK', value: 'CIRCUIT' };
    const store = dynamoStore({ client, tableName: TableName, partitionKey: 'PK', sortKey });
    const storeBudget = { readMs: 5_000, writeMs: 5_000, connectMs: 5_000 };
    const breaker = createBreaker({ name: 'user', store, failureThreshold: 1, storeBudget });
    await breaker.execute(fail).catch(() => {});
    const Key = { PK: Item.PK, SK: Item.SK };
    expect((await client.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Item);
    expect(await breaker.status()).toMatchObject({ state: 'OPEN', store: 'available' });
  });

  describe('Nobody listens to onStoreChange: the process is warned', () => {
    const warned: unknown[] = [];
    beforeEach(() => {
      warned.length = 0;
      const emit = (warning: unknown) => void warned.push(warning);
      vi.spyOn(process, 'emitWarning').mockImplementation(emit as typeof process.emitWarning);
    });
    afterEach(() => {
      vi.restoreAllMocks();
    });

    it.each<[string, (engine: Engine) => DynamoStoreOptions, RegExp]>([
      [
        'a table that is not there',
        ({ client }) => ({ client, tableName: 'misspelt' }),
        /Circuit "recommendations": the store is out of reach.*: ResourceNotFoundException: /,
      ],
      [
        'a table with another key',
        ({ client, tableName }) => ({ client, tableName, partitionKey: 'id' }),
        /Circuit "recommendations": the store is out of reach.*: ValidationException: /,
      ],
    ])('of %s, once, while calls go on', async (_, options, says) => {
      const store = dynamoStore(options(engine()));
      const storeBudget = { readMs: 5_000, connectMs: 5_000 };
      const breaker = createBreaker({ name: 'recommendations', store, storeBudget });
      for (let i = 0; i < 3; i++) await expect(breaker.execute(good)).resolves.toBe('good');
      expect(warned).toEqual([expect.stringMatching(says)]);
    });
  });
});

describe('Options of dynamoStore that cannot be used are told, all at once', () => {
  const client = { send() {} };
  const tableName = 'circuits';
  const sortKey = { name: 'sk', value: 'CIRCUIT' };
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'options: got undefined, expected an object'],
    ['a client alone', client, 'send: there is no such option'],
    ['no table', { client }, 'tableName: got undefined, expected a non-empty string'],
    ['an empty table', { client, tableName: '' }, 'tableName: got "", expected a non-empty'],
    ['no client', { tableName }, 'client: got undefined, expected a DynamoDBClient'],
    ['a class', { client: class {}, tableName }, 'client: got a function, expected a Dynamo'],
    ['a misspelt name', { client, tablename: 'x' }, 'did you mean tableName?'],
    ['an empty key', { client, tableName, partitionKey: '' }, 'partitionKey: got "", expected'],
    ['a taken key', { client, tableName, partitionKey: 'state' }, 'partitionKey: got "state", exp'],
    [
      'a taken sort key',
      { client, tableName, sortKey: { ...sortKey, name: 'reason' } },
      'sortKey.na',
    ],
    [
      'a sort key without value',
      { client, tableName, sortKey: { name: 'sk' } },
      'sortKey.value: got',
    ],
    [
      'a name for a sort key',
      { client, tableName, sortKey: 'sk' },
      'sortKey: got "sk", expected an',
    ],
    [
      'one key twice',
      { client, tableName, partitionKey: 'sk', sortKey },
      'another name than the par',
    ],
  ])('%s', (_, options, says) => {
    const create = () => dynamoStore(options as DynamoStoreOptions);
    expect(create).toThrow(InvalidOptionsError);
    expect(create).toThrow(says);
  });

  it('Keys that are undefined are left out', () => {
    const options = { client, tableName, partitionKey: undefined, sortKey: undefined };
    expect(() => dynamoStore(options as unknown as DynamoStoreOptions)).not.toThrow();
  });
});
