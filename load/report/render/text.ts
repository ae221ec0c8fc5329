/** The report for the terminal: at most 60 columns, so that it can be read everywhere. */
import { styleText } from 'node:util';
import { table } from '../../../ops/table.ts';
import { PHASE_KEYS } from '../../plan.ts';
import { count } from '../format.ts';
import type { Report, VariantReport } from '../report.ts';
import { phaseRows } from './phase-rows.ts';
import { comparisonRows } from './rows.ts';

const COLUMNS = 60;

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

export function textReport(report: Report, stream: NodeJS.WriteStream): string {
  const paint: Paint = (style, text) => styleText(style, text, { stream });
  const { headline, detail } = report.verdict;
  return [
    ...wrapped(headline, COLUMNS).map((line) => paint('bold', line)),
    ...wrapped(detail, COLUMNS),
    '',
    ...figures(report, paint),
    '',
    ...phases(report, paint),
    ...report.caveats.flatMap((caveat) => ['', ...wrapped(`Note: ${caveat}`, COLUMNS)]),
  ].join('\n');
}

function figures(report: Report, paint: Paint): string[] {
  const { name } = report.variants.v1.phases.fault;
  const rows = comparisonRows(report)
    .filter(({ isPlain }) => isPlain)
    .map(({ label, v1, v2 }) => [label, v1, v2]);
  const [head = '', ...lines] = table([[`While ${name}`, 'v1', 'v2'], ...rows], { rightFrom: 1 });
  return [paint('bold', head), ...lines];
}

function phases(report: Report, paint: Paint): string[] {
  const rows = phaseRows(report, ['v1', 'v2']);
  const [head = '', ...lines] = table(
    [
      ['Phase', '', 'failed', 'degraded', 'ok', 'served', 'median'],
      ...rows.map((row) => [
        row.phase,
        row.variant,
        row.failed,
        row.degraded,
        row.ok,
        row.served,
        row.median,
      ]),
    ],
    { rightFrom: 2 },
  );
  return [
    paint('bold', head),
    ...lines.map((line, index) => (rows[index]?.hasFailures ? paint('red', line) : line)),
  ];
}

type Named = readonly [name: string, report: Report];

/** The same variant of both runs stands next to each other. */
export function sideBySide([nameA, a]: Named, [nameB, b]: Named): string {
  const pairs = plainFigures(a).map(([label, v1 = '', v2 = ''], index) => {
    const [, otherV1 = '', otherV2 = ''] = plainFigures(b)[index] ?? [];
    return [label ?? '', v1, otherV1, v2, otherV2];
  });
  return [
    `A  ${nameA}`,
    `B  ${nameB}`,
    '',
    ...table([['', 'v1 A', 'v1 B', 'v2 A', 'v2 B'], ...pairs], { rightFrom: 1 }),
  ].join('\n');
}

function plainFigures(report: Report): string[][] {
  const { v1, v2 } = report.variants;
  const failed = PHASE_KEYS.map((key) => {
    const failures = ({ phases }: VariantReport) => count(phases[key].outcomes.failed.count);
    return [`Failed, ${v1.phases[key].name}`, failures(v1), failures(v2)];
  });
  const rows = comparisonRows(report).filter(({ isPlain }) => isPlain);
  return [...failed, ...rows.map((row) => [row.label, row.v1, row.v2])];
}

/** A figure and its unit stay on one line. */
const BETWEEN_WORDS = / (?!(?:ms|s|%)(?![a-z]))/;

/** In lines of at most so many columns, broken between words. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(BETWEEN_WORDS)) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
