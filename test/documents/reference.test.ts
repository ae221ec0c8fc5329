/** The library's README names all that the library exports, and every field of it. */
import { expect, it } from 'vitest';
import { textOf } from './pages.ts';

/** With the pages about one entry each. */
const PAGES = ['breaker/README.md', 'breaker/docs/testing.md', 'breaker/docs/cdk.md'];
const ENTRIES = ['index', 'testing', 'cdk'];
/** Entries that export one function and its options. */
const STORES = { 'dynamodb-store': 'dynamoStore', 'dynamodb-lite-store': 'dynamoLiteStore' };
const ALL = 'all';
const PUBLIC = [
  { file: 'options', types: ['BreakerOptions', 'StoreBudget'] },
  { file: 'protocol/context', types: ['Rules'] },
  { file: 'execute-options', types: ALL },
  { file: 'ports', types: ALL },
  { file: 'errors', types: ALL },
  { file: 'stores/table-options', types: ALL },
  { file: 'stores/dynamodb-store', types: ['DynamoStoreOptions'] },
  { file: 'stores/lite/endpoint', types: ALL },
];

/** What stands in code on the page, word by word. */
const named = new Set(
  [
    ...PAGES.map(textOf)
      .join('\n')
      .matchAll(/```.*?```|`[^`\n]+`/gs),
  ].flatMap(([code]) => code.match(/\w+/g) ?? []),
);

function isUnnamed(name: string): boolean {
  return !named.has(name);
}

it.each(ENTRIES)('every export of src/%s.ts', (entry) => {
  const index = textOf(`breaker/src/${entry}.ts`).replaceAll(/\/\*\*.*?\*\//gs, '');
  const lists = [...index.matchAll(/export (?:type )?\{([^}]+)\}/g)];
  const exported = lists.flatMap(([, list = '']) => list.replaceAll('type ', '').match(/\w+/g));
  expect(exported.length).toBeGreaterThan(3);
  expect(exported.filter((name) => isUnnamed(name ?? ''))).toEqual([]);
});

it.each(Object.entries(STORES))('the store of src/stores/%s.ts', (file, name) => {
  const source = textOf(`breaker/src/stores/${file}.ts`);
  const functions = [...source.matchAll(/^export function (\w+)/gm)];
  expect(functions.map(([, exported]) => exported)).toEqual([name]);
  expect(isUnnamed(name)).toBe(false);
});

it('every entry of the package', () => {
  const { exports } = JSON.parse(textOf('breaker/package.json'));
  const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'));
  const rows = entries.map((entry) => `| \`fleet-breaker${entry.slice(1)}\` |`);
  expect(rows.filter((row) => !textOf('breaker/README.md').includes(row))).toEqual([]);
});

it.each(PUBLIC)('every field of what is public in src/$file.ts', ({ file, types }) => {
  const source = textOf(`breaker/src/${file}.ts`).replaceAll(/\/\*\*.*?\*\//gs, '');
  const declared = [...source.matchAll(/^(?:export )?(?:interface|class) (\w+)[^{]*\{(.*?)^\}/gms)];
  const chosen = declared.filter(([, name = '']) => types === ALL || types.includes(name));
  const fields = chosen.flatMap(([, , body = '']) => [
    ...body.matchAll(/^ {2}readonly (\w+)\??:/gm),
  ]);
  expect(chosen.length).toBeGreaterThan(0);
  expect(fields.map(([, name = '']) => name).filter(isUnnamed)).toEqual([]);
});

it('every method of a breaker', () => {
  const [, methods = ''] = /export interface Breaker \{(.*?)\n\}/s.exec(
    textOf('breaker/src/breaker.ts'),
  ) ?? ['', ''];
  const names = [...methods.matchAll(/^ {2}(\w+)[<(]/gm)].map(([, name = '']) => name);
  expect(names).toContain('execute');
  expect(names.filter(isUnnamed)).toEqual([]);
});
