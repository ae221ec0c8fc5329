/** What no engine can be made to answer: a server answers as it is told, and the clients are the real ones. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CircuitStore } from '../../src/ports.ts';
import { trip } from '../../src/protocol/writes.ts';
import { circuitOf } from '../support/circuits.ts';
import { DUE_TO_TRIP, ME } from './cases.ts';
import { TABLE_STORES } from './table-stores.ts';

const KEY = { TableName: 'circuits', Key: { pk: { S: 'name' } } };
const ITEM = { pk: { S: 'name' }, generation: { N: '8' }, state: { S: 'OPEN' } };
const write = trip(DUE_TO_TRIP, { cause: 'Error' }, ME);
const consistent = { consistent: true };

const CONTACTS: Readonly<Record<string, (store: CircuitStore) => Promise<unknown>>> = {
  read: (store) => store.read('name', consistent),
  write: (store) => store.write('name', write),
};

let server: Server;
/** What the server does with its requests, one after the other; with the last, for ever. */
let answers: RequestListener[];
let received: { operation: string; input: unknown }[];

beforeEach(async () => {
  received = [];
  server = createServer(async (request, response) => {
    const input = JSON.parse(String(await buffer(request)));
    received.push({ operation: String(request.headers['x-amz-target']), input });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const endpoint = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const operations = () => received.map(({ operation }) => operation.split('.')[1]);

const json =
  (status: number, value: unknown): RequestListener =>
  (_, response) => {
    const type = { 'content-type': 'application/x-amz-json-1.0' };
    response.writeHead(status, type).end(JSON.stringify(value));
  };
const failure = (name: string, fields: object = { message: 'as DynamoDB says it' }) =>
  json(400, { __type: `com.amazonaws.dynamodb.v20120810#${name}`, ...fields });
const REFUSAL = 'ConditionalCheckFailedException';

const TROUBLE: Readonly<Record<string, { answer: RequestListener; kind?: string }>> = {
  'no answer': { answer: () => {} },
  'a closed connection': {
    answer: (request) => request.socket.destroy(),
    kind: 'disconnected',
  },
  'an answer that is cut': {
    answer(request, response) {
      response.writeHead(200, { 'content-length': 100 }).write('{"Item":');
      setTimeout(() => request.socket.destroy(), 20);
    },
    kind: 'disconnected',
  },
  'an error of the server': { answer: json(500, {}) },
  'an error without JSON': { answer: (_, response) => response.writeHead(503).end('<html>') },
  'something that is not JSON': { answer: (_, response) => response.writeHead(200).end('<html>') },
  'a redirection': {
    answer: (_, response) => response.writeHead(302, { location: endpoint() }).end('{}'),
  },
  'throttling without a message': {
    answer: failure('ProvisionedThroughputExceededException', {}),
    kind: 'throttled',
  },
};

describe.each(Object.entries(TABLE_STORES))('%s', (_, storeAt) => {
  let store: CircuitStore;
  beforeEach(() => {
    store = storeAt({ endpoint: endpoint(), tableName: 'circuits' });
  });

  describe.each(Object.entries(CONTACTS))('a %s', (_, act) => {
    it.each([
      ['ProvisionedThroughputExceededException', 'throttled'],
      ['ThrottlingException', 'throttled'],
      ['RequestLimitExceeded', 'throttled'],
      ['AccessDeniedException', 'unavailable'],
      ['ResourceNotFoundException', 'unavailable'],
      ['ValidationException', 'unavailable'],
      ['InternalServerError', 'unavailable'],
      ['ExpiredTokenException', 'unavailable'],
      ['InvalidSignatureException', 'unavailable'],
      ['RequestTimeTooSkewed', 'unavailable'],
      ['TransactionConflictException', 'unavailable'],
    ])(
      'that meets %s rejects as %s, after one attempt, and keeps the cause',
      async (name, kind) => {
        answers = [failure(name)];
        await expect(act(store)).rejects.toMatchObject({
          name: 'StoreError',
          kind,
          message: `${name}: as DynamoDB says it`,
          cause: { name, message: 'as DynamoDB says it' },
        });
        expect(received).toHaveLength(1);
      },
    );

    it.each(Object.entries(TROUBLE))('that meets %s rejects, after one attempt', async (_, met) => {
      answers = [met.answer];
      const kind = met.kind ?? 'unavailable';
      await expect(act(store)).rejects.toMatchObject({ name: 'StoreError', kind });
      expect(received).toHaveLength(1);
    });
  });

  describe('a read', () => {
    it.each([true, false])('asks as consistently as it should: %s', async (isConsistent) => {
      answers = [json(200, { Item: ITEM })];
      await store.read('name', { consistent: isConsistent });
      const input = { ...KEY, ConsistentRead: isConsistent };
      expect(received).toEqual([{ operation: 'DynamoDB_20120810.GetItem', input }]);
    });

    it('finds nothing where the answer holds no item', async () => {
      answers = [json(200, {})];
      await expect(store.read('name', consistent)).resolves.toBeUndefined();
    });

    it('passes on what it cannot understand, for the codec to name', async () => {
      const nonsense = { streakId: { N: 'NaN' }, reason: { B: 'AQ==' }, updatedBy: { SS: ['a'] } };
      answers = [json(200, { Item: { ...ITEM, ...nonsense } })];
      const item = await store.read('name', consistent);
      expect(item).toMatchObject({ generation: 8, updatedBy: { SS: ['a'] } });
      expect(item?.reason).toHaveProperty('B');
      expect(() => circuitOf(item)).toThrow(/streakId = null.*updatedBy = .*reason = /);
    });
  });

  describe('a write', () => {
    const item = { pk: 'name', generation: 8, state: 'OPEN' };

    it('is one update that asks for the item, whether applied or refused', async () => {
      answers = [json(200, { Attributes: ITEM })];
      await expect(store.write('name', write)).resolves.toEqual({ applied: true, item });
      expect(received).toMatchObject([
        {
          operation: 'DynamoDB_20120810.UpdateItem',
          input: {
            ...KEY,
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
      ]);
    });

    it('that is refused takes the item from the refusal, without another request', async () => {
      answers = [failure(REFUSAL, { message: 'refused', Item: ITEM })];
      await expect(store.write('name', write)).resolves.toEqual({ applied: false, item });
      expect(received).toHaveLength(1);
    });

    it('that is refused without an item reads it consistently, once', async () => {
      answers = [failure(REFUSAL), json(200, { Item: ITEM })];
      await expect(store.write('name', write)).resolves.toEqual({ applied: false, item });
      expect(operations()).toEqual(['UpdateItem', 'GetItem']);
      expect(received[1]?.input).toEqual({ ...KEY, ConsistentRead: true });
    });

    it('that is refused because the item is gone says that there is none', async () => {
      answers = [failure(REFUSAL), json(200, {})];
      await expect(store.write('name', write)).resolves.toEqual({ applied: false });
    });

    it('that is refused, and then cannot read why, rejects and is not taken for applied', async () => {
      answers = [failure(REFUSAL), json(500, {})];
      await expect(store.write('name', write)).rejects.toMatchObject({ kind: 'unavailable' });
      expect(received).toHaveLength(2);
    });
  });
});
