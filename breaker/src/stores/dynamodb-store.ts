import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { StoreError } from '../errors.ts';
import type { CircuitStore } from '../ports.ts';
import type { Item } from '../state.ts';
import type { Write } from '../writes.ts';

/** Errors that say "too fast", as the SDK names them. */
const THROTTLED = [
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
];
const OPERATORS = { equal: '=', below: '<', atLeast: '>=' };

/**
 * Circuits as items of a DynamoDB table whose partition key is the string `pk`, the circuit's name.
 * Needs dynamodb:GetItem and dynamodb:UpdateItem on that table and nothing else. An entry point of its
 * own, so that whoever uses another store does not load the AWS SDK.
 *
 * `client`: create it once per instance, with `maxAttempts: 1` and a request timeout. The breaker has
 * its own answer to a failed store call; the SDK's retries could only count a failure twice or make
 * callers wait.
 */
export function dynamoStore(options: { client: DynamoDBClient; tableName: string }): CircuitStore {
  const { client, tableName: TableName } = options;

  async function read(name: string, { consistent }: { consistent: boolean }) {
    const get = { TableName, Key: { pk: { S: name } }, ConsistentRead: consistent };
    const { Item } = await client.send(new GetItemCommand(get)).catch(rethrow);
    return Item && unmarshal(Item);
  }

  return {
    read,
    async write(name, write) {
      const update = { TableName, Key: { pk: { S: name } }, ...expressionsOf(write) };
      try {
        const { Attributes = {} } = await client.send(new UpdateItemCommand(update));
        return { applied: true, item: unmarshal(Attributes) };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) return rethrow(error);
        // Some engines do not return the item that refused: that costs a read.
        const item = error.Item ? unmarshal(error.Item) : await read(name, { consistent: true });
        return { applied: false, item };
      }
    },
  };
}

/** Applies a write and asks for the item: the new one, or the one that refuses it. */
function expressionsOf({ conditions, set, increment }: Write) {
  const values: Record<string, AttributeValue> = {};
  const placeholder = (value: string | number) => {
    const key = `:v${Object.keys(values).length}`;
    values[key] = typeof value === 'number' ? { N: String(value) } : { S: value };
    return key;
  };
  const tests = conditions.map(({ attribute, is, value }) =>
    value === undefined
      ? `attribute_not_exists(#${attribute})`
      : `#${attribute} ${OPERATORS[is]} ${placeholder(value)}`,
  );
  const changes = Object.entries(set);
  const sets = changes.flatMap(([name, value]) =>
    value === undefined ? [] : `#${name} = ${placeholder(value)}`,
  );
  if (increment) sets.push(`#${increment} = #${increment} + ${placeholder(1)}`);
  const removes = changes.flatMap(([name, value]) => (value === undefined ? `#${name}` : []));
  const named: string[] = [...conditions.map(({ attribute }) => attribute), ...Object.keys(set)];
  if (increment) named.push(increment);
  return {
    UpdateExpression: `SET ${sets.join()} ${removes.length > 0 ? `REMOVE ${removes.join()}` : ''}`,
    ...(tests.length > 0 && { ConditionExpression: tests.join(' AND ') }),
    ExpressionAttributeNames: Object.fromEntries(named.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: values,
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

/** Other types than text and number are kept as they came, for the codec to complain about. */
function unmarshal(attributes: Record<string, AttributeValue>): Item {
  const plain = (value: AttributeValue) =>
    value.N === undefined ? (value.S ?? value) : Number(value.N);
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, plain(value)]),
  );
}

function rethrow(error: unknown): never {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const kind = THROTTLED.includes(name) ? 'throttled' : 'unavailable';
  throw new StoreError(kind, `${name}: ${message}`, error);
}
