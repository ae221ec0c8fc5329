import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  type AttributeValue as DynamoValue,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { hasMethods, listed, nameProblems, problem, problemsIn, textProblem } from '../checks.ts';
import { InvalidOptionsError, StoreError } from '../errors.ts';
import type { CircuitStore } from '../ports.ts';
import type { Item } from '../protocol/circuit.ts';
import { isAttribute } from '../protocol/codec.ts';
import type { AttributeValue, Condition, Write } from '../protocol/conditional-write.ts';

export interface DynamoStoreOptions {
  /**
   * Create it once per instance, with `maxAttempts: 1`, because the breaker has
   * its own answer to a failed attempt, and with a request timeout.
   */
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** The name of the table's partition key, a string: the circuit's name. Default `pk`. */
  readonly partitionKey?: string | undefined;
  /** The name of the table's sort key, a string, if it has one, and its value in every item. */
  readonly sortKey?: SortKey | undefined;
}

interface SortKey {
  readonly name: string;
  readonly value: string;
}

/**
 * Circuits as items of a DynamoDB table, one per circuit. Needs dynamodb:GetItem
 * and dynamodb:UpdateItem on that table and nothing else. Throws
 * InvalidOptionsError, which names every option that cannot be used.
 *
 * @example
 * const client = new DynamoDBClient({
 *   maxAttempts: 1,
 *   requestHandler: { requestTimeout: 1000, throwOnRequestTimeout: true },
 * });
 * const store = dynamoStore({ client, tableName: 'circuits' });
 */
export function dynamoStore(options: DynamoStoreOptions): CircuitStore {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new InvalidOptionsError(listed('Invalid options', problems));
  const { client, tableName, partitionKey = DEFAULT_KEY, sortKey } = options;
  const addressOf = (name: string) => ({
    TableName: tableName,
    Key: {
      [partitionKey]: { S: name },
      ...(sortKey && { [sortKey.name]: { S: sortKey.value } }),
    },
  });

  async function read(
    name: string,
    { consistent }: { readonly consistent: boolean },
  ): Promise<Item | undefined> {
    const get = { ...addressOf(name), ConsistentRead: consistent };
    try {
      const answer = await client.send(new GetItemCommand(get));
      return answer.Item && unmarshal(answer.Item);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  return {
    read,
    async write(name, write) {
      const update = { ...addressOf(name), ...expressionsOf(write) };
      try {
        const answer = await client.send(new UpdateItemCommand(update));
        return { applied: true, item: unmarshal(answer.Attributes ?? {}) };
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw asStoreError(error);
        // Some engines do not return the item that refused: that costs a read.
        const item = error.Item ? unmarshal(error.Item) : await read(name, { consistent: true });
        return { applied: false, item };
      }
    },
  };
}

const DEFAULT_KEY = 'pk';
const KNOWN = ['client', 'tableName', 'partitionKey', 'sortKey'];

function problemsOf(options: DynamoStoreOptions): string[] {
  if (typeof options !== 'object' || options === null)
    return [problem('options', options, 'an object, as in dynamoStore({ client, tableName })')];
  const { client, partitionKey = DEFAULT_KEY, sortKey } = options;
  const isClient = hasMethods(client, 'send');
  return problemsIn([
    ...nameProblems(options, KNOWN),
    isClient ? undefined : problem('client', client, 'a DynamoDBClient'),
    textProblem('tableName', options.tableName),
    keyProblem('partitionKey', partitionKey),
    ...sortKeyProblems(sortKey, partitionKey),
  ]);
}

function sortKeyProblems(sortKey: SortKey | undefined, partitionKey: string) {
  if (sortKey === undefined) return [];
  if (typeof sortKey !== 'object' || sortKey === null)
    return [problem('sortKey', sortKey, 'an object of a name and a value')];
  const { name, value } = sortKey;
  const isOther = name !== partitionKey;
  return [
    ...nameProblems(sortKey, ['name', 'value'], 'sortKey.'),
    keyProblem('sortKey.name', name),
    isOther ? undefined : problem('sortKey.name', name, 'another name than the partition key'),
    textProblem('sortKey.value', value),
  ];
}

/** A key is never written, so it cannot be an attribute of the circuit, too. */
function keyProblem(option: string, name: unknown): string | undefined {
  const isTaken = typeof name === 'string' && isAttribute(name);
  if (!isTaken) return textProblem(option, name);
  return problem(option, name, 'a name that no attribute of a circuit has');
}

function expressionsOf(write: Write) {
  const expressions = new Expressions();
  return {
    UpdateExpression: expressions.update(write),
    ConditionExpression: expressions.conditions(write.conditions),
    ExpressionAttributeNames: expressions.names,
    ExpressionAttributeValues: expressions.values,
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

const OPERATORS = { equal: '=', below: '<', atLeast: '>=', atMost: '<=' };

/** A write in DynamoDB's expressions, which refer to names and values. */
class Expressions {
  readonly names: Record<string, string> = {};
  readonly values: Record<string, DynamoValue> = {};

  conditions(conditions: readonly Condition[]): string {
    const tests = conditions.map(({ attribute, is, value }) => {
      const name = this.#name(attribute);
      if (value === undefined) return `attribute_not_exists(${name})`;
      return `${name} ${OPERATORS[is]} ${this.#value(value)}`;
    });
    return tests.join(' AND ');
  }

  update({ set, add = {} }: Write): string {
    const assignments: string[] = [];
    const removals: string[] = [];
    for (const [attribute, value] of Object.entries(set)) {
      const name = this.#name(attribute);
      if (value === undefined) removals.push(name);
      else assignments.push(`${name} = ${this.#value(value)}`);
    }
    for (const [attribute, amount] of Object.entries(add)) {
      const name = this.#name(attribute);
      assignments.push(`${name} = ${name} + ${this.#value(amount)}`);
    }
    const clauses = [`SET ${assignments.join()}`];
    if (removals.length > 0) clauses.push(`REMOVE ${removals.join()}`);
    return clauses.join(' ');
  }

  #name(attribute: string): string {
    this.names[`#${attribute}`] = attribute;
    return `#${attribute}`;
  }

  #value(value: AttributeValue): string {
    const key = `:v${Object.keys(this.values).length}`;
    this.values[key] = typeof value === 'number' ? { N: String(value) } : { S: value };
    return key;
  }
}

function unmarshal(attributes: Record<string, DynamoValue>): Item {
  const entries = Object.entries(attributes);
  return Object.fromEntries(entries.map(([name, value]) => [name, plainValue(value)]));
}

/** A type other than text and number is kept for the codec to complain about. */
function plainValue(value: DynamoValue): unknown {
  if (value.N !== undefined) return Number(value.N);
  return value.S ?? value;
}

/** DynamoDB's ways to say that it refuses a request for its rate. */
const THROTTLED: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/** What Node says of a connection that is gone: it was closed, or reset, before the answer. */
const DISCONNECTED: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED']);

function asStoreError(caught: unknown): StoreError {
  const error = caught instanceof Error ? caught : new Error(String(caught));
  return new StoreError(kindOf(error), `${error.name}: ${error.message}`, caught);
}

function kindOf(error: Error & { readonly code?: unknown }): StoreError['kind'] {
  if (THROTTLED.has(error.name)) return 'throttled';
  const codes = [error.code, (error.cause as { readonly code?: unknown } | undefined)?.code];
  const isDisconnected = codes.some((code) => DISCONNECTED.has(String(code)));
  return isDisconnected ? 'disconnected' : 'unavailable';
}
