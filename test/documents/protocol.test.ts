/** docs/protocol.md and the README's diagram say what the writes do: compared with the contract's cases. */
import { expect, it } from 'vitest';
import { ABSENT_CIRCUIT } from '../../breaker/src/protocol/circuit.ts';
import { isAttribute } from '../../breaker/src/protocol/codec.ts';
import { CASES, ME } from '../../breaker/test/stores/cases.ts';
import { blocksOf, textOf } from './pages.ts';

const PAGE = textOf('docs/protocol.md');
/** Required of every write, as the page says once. */
const ALWAYS = ['generation', 'state', 'override', 'overrideUntilMs'];

function section(heading: string): string {
  const [, text = ''] = new RegExp(`^## ${heading}\\n(.*?)^## `, 'ms').exec(PAGE) ?? [];
  return text;
}

/** The cells of each row that begins with code. */
function rowsOf(text: string): string[][] {
  const rows = [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) => row);
  return rows.map((row) => row.split('|').map((cell) => cell.trim()));
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
}

it('every attribute that a write leaves behind is in the table of the item, and no other is', () => {
  const documented = rowsOf(section('The item')).flatMap(([names = '']) => namesIn(names));
  const written = new Set(CASES.flatMap(({ after }) => Object.keys(after)));
  expect(documented).toEqual(expect.arrayContaining([...written]));
  expect(documented.filter((name) => !isAttribute(name))).toEqual([]);
});

it('every write is in the table of writes, with the attributes that it has conditions on', () => {
  const documented = new Map(
    rowsOf(section('The writes')).map(([name = '', , onlyIf = '']) => [
      namesIn(name)[0],
      namesIn(onlyIf).sort(),
    ]),
  );
  const conditions = new Map<string, string[]>();
  for (const { current, write } of CASES) {
    const made = write(ME);
    if (current === ABSENT_CIRCUIT) continue;
    const own = made.conditions.map(({ attribute }) => attribute as string);
    const known = conditions.get(made.operation) ?? [];
    conditions.set(made.operation, [...new Set([...known, ...own])].sort());
  }
  for (const [operation, attributes] of conditions)
    conditions.set(
      operation,
      attributes.filter((name) => !ALWAYS.includes(name)),
    );
  expect(documented).toEqual(conditions);
});

it('which writes are transitions is as it is marked', () => {
  const marked = rowsOf(section('The writes')).filter((row) => row[3] === 'yes');
  const made = CASES.map(({ write }) => write(ME)).filter(({ set }) => Number(set.generation) > 0);
  const operations = new Set(made.map(({ operation }) => operation));
  expect(new Set(marked.map(([name = '']) => namesIn(name)[0]))).toEqual(operations);
});

it("every arrow of the README's diagram is a write that leads from the one state to the other", () => {
  const [diagram = ''] = blocksOf(textOf('README.md'), 'mermaid');
  const arrows = [...diagram.matchAll(/^ +(\w+) --> (\w+): (\w+)/gm)].map((arrow) =>
    arrow.slice(1),
  );
  const steps = CASES.map(({ current, after, write }) =>
    [current.state, after.state, write(ME).operation].join(),
  );
  expect(arrows).toHaveLength(5);
  expect(arrows.map((arrow) => arrow.join()).filter((arrow) => !steps.includes(arrow))).toEqual([]);
});
