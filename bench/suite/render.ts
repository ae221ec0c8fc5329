import { type Figure, type Goal, isMet, type Part, type Results, type Table } from './results.ts';

/** docs/performance.md: every figure in it is one of bench/results.json. */
export function render({ parts }: Results): string {
  return [
    '# Performance',
    'Written by `npm run bench`, which measures whatever is compared in turns, in one run. A figure is the',
    'median, with the lowest and the highest in brackets; a ratio is that of what was measured in the same',
    'turn. `npm run bench -- --only NAME` measures one part again and keeps the others; the figures are also in',
    '[bench/results.json](../bench/results.json).',
    '',
    '## Goals',
    '',
    ...goalsTable(parts.flatMap(({ goals }) => goals)),
    ...parts.flatMap(section),
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimEnd()
    .concat('\n');
}

function goalsTable(goals: readonly Goal[]): string[] {
  const rows = goals.map((goal) => [goal.what, limit(goal), measured(goal), verdict(goal)]);
  return table([['Goal', 'Limit', 'Measured', 'Met'], ...rows]);
}

const limit = ({ atMost, atLeast, unit }: Goal) =>
  atMost === undefined
    ? `at least ${withUnit(atLeast ?? Number.NaN, unit)}`
    : `at most ${withUnit(atMost, unit)}`;

const measured = ({ measured, unit }: Goal) => withUnit(measured, unit);

const withUnit = (value: number, unit: string) => `${number(value)} ${unit}`.trimEnd();

function verdict(goal: Goal): string {
  if (isMet(goal)) return 'yes';
  return goal.whyMissed ? `no: ${goal.whyMissed}` : 'no';
}

function section({ title, name, about, machine, tables }: Part): string[] {
  const { measuredAt, seconds, processor, processors, node, loadBefore } = machine;
  return [
    '',
    `## ${title}`,
    '',
    about,
    '',
    ...tables.flatMap(tableSection),
    `\`npm run bench -- --only ${name}\`, ${measuredAt.slice(0, 16).replace('T', ' ')} UTC, ${Math.round(seconds)} s;`,
    `${processors} × ${processor}, Node.js ${node}, load before: ${number(loadBefore)}.`,
  ];
}

function tableSection({ title, label, columns, rows, notes = [] }: Table): string[] {
  const lines = rows.map((row) => [row.label, ...row.figures.map(cell)]);
  return [
    ...(title ? [`**${title}**`, ''] : []),
    ...table([[label, ...columns], ...lines]),
    '',
    ...notes.map((note) => `- ${note}`),
    '',
  ];
}

function cell(figure: Figure | null): string {
  if (figure === null) return '–';
  const { median, low, high, runs } = figure;
  return runs === 1 ? number(median) : `${number(median)} (${number(low)}–${number(high)})`;
}

/** Three digits, and all of those before the point. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.01))));
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.min(decimals, 2) });
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column ? '---:' : '---'))), ...rows.map(line)];
}
