import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { hasMethods, listed, nameProblems, problem, problemsIn } from '../checks.ts';
import { InvalidOptionsError } from '../errors.ts';
import type { CircuitStore } from '../ports.ts';
import { circuitItems } from './circuit-items.ts';
import { TABLE_OPTIONS, type TableOptions, tableProblems } from './table-options.ts';

export interface DynamoStoreOptions extends TableOptions {
  /**
   * Create it once per instance, with `maxAttempts: 1`, because the breaker has
   * its own answer to a failed attempt, and with a request timeout.
   */
  readonly client: DynamoDBClient;
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
  const { client } = options;
  return circuitItems(options, {
    getItem: (input) => client.send(new GetItemCommand(input)),
    updateItem: (input) => client.send(new UpdateItemCommand(input)),
  });
}

const KNOWN = ['client', ...TABLE_OPTIONS];

function problemsOf(options: DynamoStoreOptions): string[] {
  if (typeof options !== 'object' || options === null)
    return [problem('options', options, 'an object, as in dynamoStore({ client, tableName })')];
  const isClient = hasMethods(options.client, 'send');
  return problemsIn([
    ...nameProblems(options, KNOWN),
    isClient ? undefined : problem('client', options.client, 'a DynamoDBClient'),
    ...tableProblems(options),
  ]);
}
