/** Tables as people have them: with other keys, with a sort key, or not there at all. */
import {
  CreateTableCommand,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { createBreaker, InvalidOptionsError } from 'fleet-breaker';
import { type DynamoStoreOptions, dynamoStore } from 'fleet-breaker/dynamodb';
import { type DynamoLiteStoreOptions, dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeEngines, type Engine } from '../stores/engines.ts';
import { TABLE_STORES } from '../stores/table-stores.ts';

// An engine takes longer than that to start well, or for a hundred writers at once on a busy machine.
vi.mock('../../src/stores/lite/limits.ts', async (original) => ({
  ...(await original<object>()),
  TIME_LIMIT_MS: 20_000,
}));

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

  const CASES = Object.entries(TABLE_STORES).flatMap(([by, storeAt]) =>
    TABLES.map(([title, names, keys]) => ({ title, names, keys, by, storeAt })),
  );

  it.each(CASES)('A table with $title serves two instances by $by', async (given) => {
    const { title, names, keys, by, storeAt } = given;
    const tableName = `${by}-with-${title.replaceAll(/\W/g, '-')}`;
    const { endpoint } = engine();
    await createTable(engine(), tableName, names);
    const store = storeAt({ endpoint, tableName, ...keys });
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

    const MISTAKES: [string, DynamoLiteStoreOptions, RegExp][] = [
      [
        'a table that is not there',
        { tableName: 'misspelt' },
        /Circuit "recommendations": the store is out of reach.*: ResourceNotFoundException: /,
      ],
      [
        'a table with another key',
        { tableName: 'circuits', partitionKey: 'id' },
        /Circuit "recommendations": the store is out of reach.*: ValidationException: /,
      ],
    ];

    describe.each(Object.entries(TABLE_STORES))('by %s', (_, storeAt) => {
      it.each(MISTAKES)('of %s, once, while calls go on', async (_, options, says) => {
        const { endpoint } = engine();
        const store = storeAt({ ...options, endpoint });
        const storeBudget = { readMs: 5_000, connectMs: 5_000 };
        const breaker = createBreaker({ name: 'recommendations', store, storeBudget });
        for (let i = 0; i < 3; i++) await expect(breaker.execute(good)).resolves.toBe('good');
        expect(warned).toEqual([expect.stringMatching(says)]);
      });
    });
  });
});

describe('Options that cannot be used are told, all at once', () => {
  const client = { send() {} };
  const region = 'us-east-1';
  const tableName = 'circuits';
  const sortKey = { name: 'sk', value: 'CIRCUIT' };
  type Mistake = [name: string, options: unknown, says: string];

  /** Of what both stores are given. */
  const COMMON: Mistake[] = [
    ['no table', {}, 'tableName: got undefined, expected a non-empty string'],
    ['an empty table', { tableName: '' }, 'tableName: got "", expected a non-empty'],
    ['a misspelt name', { tablename: 'x' }, 'did you mean tableName?'],
    ['an empty key', { tableName, partitionKey: '' }, 'partitionKey: got "", expected'],
    ['a taken key', { tableName, partitionKey: 'state' }, 'partitionKey: got "state", exp'],
    ['a taken sort key', { tableName, sortKey: { ...sortKey, name: 'reason' } }, 'sortKey.name: g'],
    ['a sort key without value', { tableName, sortKey: { name: 'sk' } }, 'sortKey.value: got'],
    ['a name for a sort key', { tableName, sortKey: 'sk' }, 'sortKey: got "sk", expected an'],
    ['one key twice', { tableName, partitionKey: 'sk', sortKey }, 'another name than the par'],
  ];
  const STORES = {
    dynamoStore: {
      create: (options: unknown) => dynamoStore(options as DynamoStoreOptions),
      own: { client },
      mistakes: [
        ['nothing', undefined, 'options: got undefined, expected an object'],
        ['a client alone', client, 'send: there is no such option'],
        ['no client', { tableName }, 'client: got undefined, expected a DynamoDBClient'],
        ['a class', { client: class {}, tableName }, 'client: got a function, expected a Dynamo'],
      ] as Mistake[],
    },
    dynamoLiteStore: {
      create: (options: unknown) => dynamoLiteStore(options as DynamoLiteStoreOptions),
      own: { region },
      mistakes: [
        ['nothing', undefined, 'options: got undefined, expected an object'],
        ['no region', { tableName }, 'region: got undefined, expected a region, or one in AWS_REG'],
        ['no region of AWS', { tableName, region: 'a.example/' }, 'region: got "a.example/", exp'],
        ['a client', { tableName, region, client }, 'client: there is no such option'],
        ['no URL', { tableName, region, endpoint: 'localhost:8000' }, 'endpoint: expected a URL'],
        ['a path', { tableName, region, endpoint: 'http://a/b' }, 'endpoint: expected a URL'],
        ['a query', { tableName, region, endpoint: 'http://a?b' }, 'endpoint: expected a URL'],
        ['another protocol', { tableName, region, endpoint: 'ftp://a' }, 'endpoint: expected a'],
        ['no port', { tableName, region, endpoint: 'http://a:99999' }, 'endpoint: expected a'],
      ] as Mistake[],
    },
  };

  beforeEach(() => {
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ENDPOINT_URL'])
      vi.stubEnv(name, undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  describe.each(Object.entries(STORES))('%s', (_, { create, own, mistakes }) => {
    const common = COMMON.map(([name, options, says]): Mistake => {
      return [name, { ...own, ...(options as object) }, says];
    });

    it.each([...common, ...mistakes])('%s', (_, options, says) => {
      expect(() => create(options)).toThrow(InvalidOptionsError);
      expect(() => create(options)).toThrow(says);
    });

    it('Keys that are undefined are left out', () => {
      const options = { ...own, tableName, partitionKey: undefined, sortKey: undefined };
      expect(() => create(options)).not.toThrow();
    });
  });

  it('A password in the endpoint is not repeated', () => {
    const endpoint = 'https://user:hunter2@a.example';
    const create = () => dynamoLiteStore({ tableName, region, endpoint });
    expect(create).toThrow('endpoint: expected a URL');
    expect(create).not.toThrow('hunter2');
  });
});
