/** Circuits as items of a DynamoDB table: what is asked of it, and what its answers mean. */
import { StoreError } from '../errors.ts';
import type { CircuitStore } from '../ports.ts';
import type { Item } from '../protocol/circuit.ts';
import type { AttributeValue, Condition, Write } from '../protocol/conditional-write.ts';
import { DEFAULT_KEY, type TableOptions } from './table-options.ts';

/** Text or a number, as DynamoDB writes it in JSON. */
type DynamoValue = { readonly S: string } | { readonly N: string };
type DynamoValues = Record<string, DynamoValue>;

/** An attribute that was read may be of a type that a circuit does not use. */
type StoredValues = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

interface Address {
  readonly TableName: string;
  readonly Key: DynamoValues;
}

export interface GetItemInput extends Address {
  readonly ConsistentRead: boolean;
}

export interface UpdateItemInput extends Address, ReturnType<typeof expressionsOf> {}

/** Ways to the table. Each makes one attempt, and rejects with an error named as DynamoDB names it. */
interface TableClient {
  getItem(input: GetItemInput): Promise<{ readonly Item?: StoredValues | undefined }>;
  updateItem(input: UpdateItemInput): Promise<{ readonly Attributes?: StoredValues | undefined }>;
}

/** The store that keeps its circuits in the table, whatever client leads there. */
export function circuitItems(options: TableOptions, client: TableClient): CircuitStore {
  const { tableName, partitionKey = DEFAULT_KEY, sortKey } = options;
  const addressOf = (name: string): Address => ({
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
    try {
      const answer = await client.getItem({ ...addressOf(name), ConsistentRead: consistent });
      return answer.Item && unmarshal(answer.Item);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  return {
    read,
    async write(name, write) {
      try {
        const answer = await client.updateItem({ ...addressOf(name), ...expressionsOf(write) });
        return { applied: true, item: unmarshal(answer.Attributes ?? {}) };
      } catch (error) {
        if (!isRefusal(error)) throw asStoreError(error);
        // Some engines do not return the item that refused: that costs a read.
        const item = error.Item ? unmarshal(error.Item) : await read(name, { consistent: true });
        return { applied: false, item };
      }
    },
  };
}

interface Refusal extends Error {
  readonly Item?: StoredValues | undefined;
}

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
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
  readonly values: DynamoValues = {};

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

function unmarshal(attributes: StoredValues): Item {
  const entries = Object.entries(attributes);
  return Object.fromEntries(entries.map(([name, value]) => [name, plainValue(value)]));
}

/** A type other than text and number is kept for the codec to complain about. */
function plainValue(value: StoredValues[string]): unknown {
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
