import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { StoreError } from '../errors.ts';
import type { CircuitStore } from '../ports.ts';
import type { Item } from '../state.ts';
import type { Condition, Write } from '../writes.ts';

/** Errors that say "too fast", as the SDK names them. */
const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
]);

const OPERATORS = { equal: '=', below: '<', atMost: '<=', atLeast: '>=' } as const;

/**
 * Circuits as items of a DynamoDB table whose partition key is the string `pk`, the circuit's name.
 * Needs dynamodb:GetItem and dynamodb:UpdateItem on that table and nothing else.
 *
 * `client`: create it once per instance and with `maxAttempts: 1`. The breaker has its own answer
 * to a failed store call; the SDK's retries would only count a failure twice or make callers wait.
 */
export function dynamoStore(options: { client: DynamoDBClient; tableName: string }): CircuitStore {
  const { client, tableName: TableName } = options;

  async function read(name: string, { consistent }: { consistent: boolean }) {
    const { Item } = await client.send(
      new GetItemCommand({ TableName, Key: key(name), ConsistentRead: consistent }),
    );
    return Item && unmarshal(Item);
  }

  return {
    read: (name, how) => read(name, how).catch(rethrow),
    async write(name, write) {
      try {
        const { Attributes } = await client.send(
          new UpdateItemCommand(update(TableName, name, write)),
        );
        return { applied: true, item: unmarshal(Attributes ?? {}) };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) return rethrow(error);
        // Engines that do not return the item that refused (and a proxy in between) cost a read.
        const item = error.Item
          ? unmarshal(error.Item)
          : await read(name, { consistent: true }).catch(rethrow);
        return { applied: false, item };
      }
    },
  };
}

/** One UpdateItem that applies a write and asks for the item, the new one or the one refusing it. */
function update(TableName: string, name: string, write: Write): UpdateItemCommandInput {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const aliasOf = (attribute: string) => {
    names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  };
  const placeholderOf = (value: string | number) => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = marshal(value);
    return placeholder;
  };
  const holds = (condition: Condition) =>
    condition.is === 'absent'
      ? `attribute_not_exists(${aliasOf(condition.attribute)})`
      : `${aliasOf(condition.attribute)} ${OPERATORS[condition.is]} ${placeholderOf(condition.value)}`;

  const set = Object.entries(write.set).map(
    ([attr, value]) => `${aliasOf(attr)} = ${placeholderOf(value)}`,
  );
  if (write.increment) {
    const counter = aliasOf(write.increment);
    set.push(`${counter} = ${counter} + ${placeholderOf(1)}`);
  }
  const remove = write.remove.map(aliasOf).join(', ');
  const conditions = write.conditions.map(holds).join(' AND ');
  return {
    TableName,
    Key: key(name),
    UpdateExpression: `SET ${set.join(', ')}${remove && ` REMOVE ${remove}`}`,
    ...(conditions && { ConditionExpression: conditions }),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

function key(name: string) {
  return { pk: marshal(name) };
}

function marshal(value: string | number): AttributeValue {
  return typeof value === 'number' ? { N: String(value) } : { S: value };
}

/** Other types than text and number are kept as they came, for the codec to complain about. */
function unmarshal(attributes: Record<string, AttributeValue>): Item {
  const entries = Object.entries(attributes).map(([name, value]) => {
    if (value.N !== undefined) return [name, Number(value.N)];
    return [name, value.S ?? value];
  });
  return Object.fromEntries(entries);
}

function rethrow(error: unknown): never {
  const cause = error instanceof Error ? error : new Error(String(error));
  const kind = THROTTLED.has(cause.name) ? 'throttled' : 'unavailable';
  throw new StoreError(kind, `${cause.name}: ${cause.message}`, cause);
}
