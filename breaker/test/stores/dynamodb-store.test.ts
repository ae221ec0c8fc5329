/** What the SDK's client throws by itself: the client is mocked, the store is the real one. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { trip } from '../../src/protocol/writes.ts';
import { dynamoStore } from '../../src/stores/dynamodb-store.ts';
import { DUE_TO_TRIP, ME } from './cases.ts';

const client = mockClient(DynamoDBClient);
const store = dynamoStore({ client: new DynamoDBClient({}), tableName: 'circuits' });

beforeEach(() => client.reset());

const CONTACTS = [
  { contact: 'a read', act: () => store.read('name', { consistent: true }) },
  {
    contact: 'a write',
    act: () => store.write('name', trip(DUE_TO_TRIP, { cause: 'Error' }, ME)),
  },
];

describe.each(CONTACTS)('$contact', ({ act }) => {
  it.each(['TimeoutError', 'AbortError', 'CredentialsProviderError'])(
    'that meets %s rejects as unavailable, after one attempt, and keeps the cause',
    async (name) => {
      const error = Object.assign(new Error('as the SDK says it'), { name });
      client.onAnyCommand().rejects(error);
      await expect(act()).rejects.toMatchObject({
        name: 'StoreError',
        kind: 'unavailable',
        message: `${name}: as the SDK says it`,
        cause: error,
      });
      expect(client.calls()).toHaveLength(1);
    },
  );

  it('that meets something thrown that is no error rejects as unavailable', async () => {
    client.onAnyCommand().callsFake(() => Promise.reject('gone'));
    await expect(act()).rejects.toMatchObject({ kind: 'unavailable', message: 'Error: gone' });
  });
});
