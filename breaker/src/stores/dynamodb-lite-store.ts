import { listed, nameProblems, problem, problemsIn } from '../checks.ts';
import { InvalidOptionsError } from '../errors.ts';
import type { CircuitStore } from '../ports.ts';
import { circuitItems } from './circuit-items.ts';
import { LiteClient } from './lite/client.ts';
import { PLACE_OPTIONS, type PlaceOptions, placeProblems } from './lite/endpoint.ts';
import { TABLE_OPTIONS, type TableOptions, tableProblems } from './table-options.ts';

export interface DynamoLiteStoreOptions extends TableOptions, PlaceOptions {}

/**
 * The same circuits as those of `dynamoStore`, without the AWS SDK. Needs the same permissions.
 * Create it once per instance: it keeps its connections, and gives up a request after a second.
 *
 * Its credentials are those that Lambda, ECS and EKS Pod Identity give to a process. Where there are
 * none every contact rejects with StoreError, of the kind `unavailable`. Throws InvalidOptionsError,
 * which names every option that cannot be used.
 *
 * @example
 * const store = dynamoLiteStore({ tableName: 'circuits' });
 */
export function dynamoLiteStore(options: DynamoLiteStoreOptions): CircuitStore {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new InvalidOptionsError(listed('Invalid options', problems));
  const client = new LiteClient(options);
  return circuitItems(options, {
    getItem: (input) => client.send('GetItem', input),
    updateItem: (input) => client.send('UpdateItem', input),
  });
}

const KNOWN = [...TABLE_OPTIONS, ...PLACE_OPTIONS];

function problemsOf(options: DynamoLiteStoreOptions): string[] {
  if (typeof options !== 'object' || options === null)
    return [problem('options', options, 'an object, as in dynamoLiteStore({ tableName })')];
  return problemsIn([
    ...nameProblems(options, KNOWN),
    ...tableProblems(options),
    ...placeProblems(options),
  ]);
}
