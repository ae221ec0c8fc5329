/** What no engine can be made to answer: the client is mocked, the store is the real one. */

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { trip } from '../../src/protocol/writes.ts';
import { dynamoStore } from '../../src/stores/dynamodb-store.ts';
import { circuitOf } from '../support/circuits.ts';
import { DUE_TO_TRIP, ME } from './cases.ts';

const client = mockClient(DynamoDBClient);
const store = dynamoStore({ client: new DynamoDBClient({}), tableName: 'circuits' });
const write = trip(DUE_TO_TRIP, { cause: 'Error' }, ME);
const consistent = { consistent: true };
const KEY = { TableName: 'circuits', Key: { pk: { S: 'name' } } };
const ITEM = { pk: { S: 'name' }, generation: { N: '8' }, state: { S: 'OPEN' } };

beforeEach(() => client.reset());

const CONTACTS = [
  { contact: 'a read', act: () => store.read('name', consistent) },
  { contact: 'a write', act: () => store.write('name', write) },
];

describe.each(CONTACTS)('$contact', ({ act }) => {
  it.each([
    ['ProvisionedThroughputExceededException', 'throttled'],
    ['ThrottlingException', 'throttled'],
    ['RequestLimitExceeded', 'throttled'],
    ['AccessDeniedException', 'unavailable'],
    ['ResourceNotFoundException', 'unavailable'],
    ['ValidationException', 'unavailable'],
    ['InternalServerError', 'unavailable'],
    ['TimeoutError', 'unavailable'],
    ['AbortError', 'unavailable'],
    ['CredentialsProviderError', 'unavailable'],
  ])('that meets %s rejects as %s, after one attempt, and keeps the cause', async (name, kind) => {
    const error = Object.assign(new Error('as the SDK says it'), { name });
    client.onAnyCommand().rejects(error);
    await expect(act()).rejects.toMatchObject({
      name: 'StoreError',
      kind,
      message: `${name}: as the SDK says it`,
      cause: error,
    });
    expect(client.calls()).toHaveLength(1);
  });

  it('that meets something thrown that is no error rejects as unavailable', async () => {
    client.onAnyCommand().callsFake(() => Promise.reject('gone'));
    await expect(act()).rejects.toMatchObject({ kind: 'unavailable', message: 'Error: gone' });
  });
});

describe('a read', () => {
  it.each([true, false])('asks as consistently as it should: %s', async (isConsistent) => {
    client.on(GetItemCommand).resolves({ Item: ITEM });
    await store.read('name', { consistent: isConsistent });
    const [call, ...others] = client.calls();
    expect(call?.firstArg.input).toEqual({ ...KEY, ConsistentRead: isConsistent });
    expect(others).toEqual([]);
  });

  it('finds nothing where the answer holds no item', async () => {
    client.on(GetItemCommand).resolves({});
    await expect(store.read('name', consistent)).resolves.toBeUndefined();
  });

  it('passes on what it cannot understand, for the codec to name', async () => {
    const Item: Record<string, AttributeValue> = {
      ...ITEM,
      streakId: { N: 'NaN' },
      reason: { B: new Uint8Array([1]) },
      updatedBy: { SS: ['a'] },
    };
    client.on(GetItemCommand).resolves({ Item });
    const item = await store.read('name', consistent);
    expect(item).toMatchObject({ generation: 8, reason: Item.reason, updatedBy: Item.updatedBy });
    expect(() => circuitOf(item)).toThrow(/streakId = null.*updatedBy = .*reason = /);
  });
});

describe('a write', () => {
  const refusal = { $metadata: {}, message: 'The conditional request failed' };

  it('is one update that asks for the item, whether applied or refused', async () => {
    client.on(UpdateItemCommand).resolves({ Attributes: ITEM });
    const result = await store.write('name', write);
    expect(result).toEqual({ applied: true, item: { pk: 'name', generation: 8, state: 'OPEN' } });
    expect(client.calls()).toHaveLength(1);
    expect(client.commandCalls(UpdateItemCommand)[0]?.args[0].input).toMatchObject({
      ...KEY,
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  });

  it('that is refused takes the item from the refusal, without another request', async () => {
    client
      .on(UpdateItemCommand)
      .rejects(new ConditionalCheckFailedException({ ...refusal, Item: ITEM }));
    const result = await store.write('name', write);
    expect(result).toEqual({ applied: false, item: { pk: 'name', generation: 8, state: 'OPEN' } });
    expect(client.calls()).toHaveLength(1);
  });

  it('that is refused without an item reads it consistently, once', async () => {
    client.on(UpdateItemCommand).rejects(new ConditionalCheckFailedException(refusal));
    client.on(GetItemCommand).resolves({ Item: ITEM });
    await expect(store.write('name', write)).resolves.toMatchObject({
      applied: false,
      item: { generation: 8 },
    });
    expect(client.commandCalls(GetItemCommand).map(({ args }) => args[0].input)).toEqual([
      { ...KEY, ConsistentRead: true },
    ]);
    expect(client.calls()).toHaveLength(2);
  });

  it('that is refused because the item is gone says that there is none', async () => {
    client.on(UpdateItemCommand).rejects(new ConditionalCheckFailedException(refusal));
    client.on(GetItemCommand).resolves({});
    await expect(store.write('name', write)).resolves.toEqual({ applied: false, item: undefined });
  });

  it('that is refused, and then cannot read why, rejects and is not taken for applied', async () => {
    client.on(UpdateItemCommand).rejects(new ConditionalCheckFailedException(refusal));
    client.on(GetItemCommand).rejects(Object.assign(new Error('slow'), { name: 'TimeoutError' }));
    await expect(store.write('name', write)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('takes no other failed check for a lost race', async () => {
    const error = new DynamoDBServiceException({
      name: 'TransactionConflictException',
      $fault: 'client',
      $metadata: {},
    });
    client.on(UpdateItemCommand).rejects(error);
    await expect(store.write('name', write)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
