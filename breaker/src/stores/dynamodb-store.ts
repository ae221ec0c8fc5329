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

const THROTTLED = /^(ProvisionedThroughputExceeded|Throttling)Exception$|^RequestLimitExceeded$/;
const OPERATORS = { equal: '=', below: '<', atLeast: '>=' };

/**
 * Circuits as items of a DynamoDB table whose partition key is the string `pk`, the circuit's name.
 * Needs dynamodb:GetItem and dynamodb:UpdateItem on that table and nothing else. `client`: create it
 * once per instance, with `maxAttempts: 1` (the breaker has its own answer) and a request timeout.
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

function expressionsOf({ conditions, set, increment }: Write) {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const name = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const put = (value: string | number) => {
    const key = `:v${Object.keys(values).length}`;
    values[key] = typeof value === 'number' ? { N: String(value) } : { S: value };
    return key;
  };
  const tests = conditions.map(({ attribute, is, value }) =>
    value === undefined
      ? `attribute_not_exists(${name(attribute)})`
      : `${name(attribute)} ${OPERATORS[is]} ${put(value)}`,
  );
  const sets: string[] = [];
  const removes: string[] = [];
  for (const [attribute, value] of Object.entries(set))
    if (value === undefined) removes.push(name(attribute));
    else sets.push(`${name(attribute)} = ${put(value)}`);
  if (increment) sets.push(`${name(increment)} = ${name(increment)} + ${put(1)}`);
  return {
    UpdateExpression: `SET ${sets.join()} ${removes.length > 0 ? `REMOVE ${removes.join()}` : ''}`,
    ConditionExpression: tests.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

/** Other types than text and number are kept as they came, for the codec to complain about. */
function unmarshal(attributes: Record<string, AttributeValue>): Item {
  const plain = (value: AttributeValue) => (value.N ? Number(value.N) : (value.S ?? value));
  const entries = Object.entries(attributes).map(([name, value]) => [name, plain(value)] as const);
  return Object.fromEntries(entries);
}

function rethrow(error: unknown): never {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const kind = THROTTLED.test(name) ? 'throttled' : 'unavailable';
  throw new StoreError(kind, `${name}: ${message}`, error);
}
