/** Which table the circuits are in, and how its keys are named: options of every DynamoDB store. */
import { nameProblems, problem, textProblem } from '../checks.ts';
import { isAttribute } from '../protocol/codec.ts';

/** The table, and the names of its keys. */
export interface TableOptions {
  readonly tableName: string;
  /** The name of the table's partition key, a string: the circuit's name. Default `pk`. */
  readonly partitionKey?: string | undefined;
  /** The name of the table's sort key, a string, if it has one, and its value in every item. */
  readonly sortKey?: SortKey | undefined;
}

/** The sort key of a table that has one: its name, and the value that circuits have there. */
export interface SortKey {
  readonly name: string;
  readonly value: string;
}

export const TABLE_OPTIONS = ['tableName', 'partitionKey', 'sortKey'];
export const DEFAULT_KEY = 'pk';

export function tableProblems({ tableName, partitionKey = DEFAULT_KEY, sortKey }: TableOptions) {
  return [
    textProblem('tableName', tableName),
    keyProblem('partitionKey', partitionKey),
    ...sortKeyProblems(sortKey, partitionKey),
  ];
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
