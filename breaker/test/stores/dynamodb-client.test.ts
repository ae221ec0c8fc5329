/** The store with a real client, and a server that answers as none should. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { trip } from '../../src/protocol/writes.ts';
import { dynamoStore } from '../../src/stores/dynamodb-store.ts';
import { DUE_TO_TRIP, ME } from './cases.ts';

const ANSWERS: Record<string, { answer: RequestListener; kind: string }> = {
  'no answer': { answer: () => {}, kind: 'unavailable' },
  'a closed connection': { answer: (request) => request.socket.destroy(), kind: 'disconnected' },
  'an error of the server': {
    answer: (_, response) => response.writeHead(500).end('{}'),
    kind: 'unavailable',
  },
  'something that is not JSON': {
    answer: (_, response) => response.writeHead(200).end('<html>'),
    kind: 'unavailable',
  },
  throttling: {
    answer: (_, response) =>
      response
        .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
        .end(
          '{"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}',
        ),
    kind: 'throttled',
  },
};

let server: Server;
let client: DynamoDBClient;
let requests = 0;

afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

describe.each(Object.entries(ANSWERS))('%s', (_, { answer, kind }) => {
  it.each(['read', 'write'])('ends a %s after one request', async (contact) => {
    const store = await storeAt(answer);
    const act =
      contact === 'read'
        ? store.read('name', { consistent: true })
        : store.write('name', trip(DUE_TO_TRIP, { cause: 'Error' }, ME));
    await expect(act).rejects.toMatchObject({ name: 'StoreError', kind });
    expect(requests).toBe(1);
  });
});

async function storeAt(answer: RequestListener) {
  requests = 0;
  server = createServer((request, response) => {
    requests++;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 100, throwOnRequestTimeout: true },
  });
  return dynamoStore({ client, tableName: 'circuits' });
}
