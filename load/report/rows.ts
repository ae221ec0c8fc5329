/** The figures as table rows, for the terminal and for HTML, each with what it means and where it comes from. */
import { count, dollars, factor, figure, milliseconds, percent } from './format.ts';
import type { Fleet, Report, VariantReport } from './report.ts';

export interface Row {
  readonly label: string;
  /** A part of the row above. */
  readonly part?: true;
  readonly v1: string;
  readonly v2: string;
  /** How v2 compares; empty where a ratio says nothing. */
  readonly ratio: string;
  readonly definition: string;
}

type Show = (variant: VariantReport) => string;

export function comparisonRows(report: Report): Row[] {
  return [
    ...outcomeRows(report),
    ...rateRows(report),
    ...latencyRows(report),
    ...fleetRows(report),
  ];
}

const rowOf =
  ({ variants: { v1, v2 } }: Report) =>
  (label: string, show: Show, rest: { ratio?: string; definition: string; part?: true }): Row => ({
    label,
    v1: show(v1),
    v2: show(v2),
    ratio: '',
    ...rest,
  });

function outcomeRows(report: Report): Row[] {
  const row = rowOf(report);
  const outcome =
    (name: 'ok' | 'degraded' | 'failed'): Show =>
    ({ outcomes }) =>
      `${count(outcomes[name].count)} (${percent(outcomes[name].share)})`;
  return [
    row('Requests', ({ requests }) => count(requests), {
      definition:
        'Requests that were sent and have ended. Source: request log; checked against http.requests of Artillery.',
    }),
    row('ok', outcome('ok'), {
      part: true,
      definition: 'Answers 200 with a product and recommendations.',
    }),
    row('degraded', outcome('degraded'), {
      part: true,
      definition: 'Answers 200 with a product, but without recommendations.',
    }),
    row('failed', outcome('failed'), {
      part: true,
      definition: 'Everything else: another status, no answer, no product.',
    }),
  ];
}

function rateRows(report: Report): Row[] {
  const row = rowOf(report);
  const { comparison } = report;
  return [
    row('Requests per second', (variant) => figure(variant.requestsPerSecond), {
      ratio: factor(comparison.requestsPerSecondRatio),
      definition:
        'Requests / seconds from the first request sent to the last answer (ramp-up and the last waits included).',
    }),
    row('Useful requests per second', (variant) => figure(variant.usefulRequestsPerSecond), {
      ratio: factor(comparison.usefulRequestsPerSecondRatio),
      definition: '(ok + degraded) / the same seconds.',
    }),
  ];
}

function latencyRows(report: Report): Row[] {
  const row = rowOf(report);
  const { comparison } = report;
  const sooner = (ratio: number | null) => (ratio === null ? '' : `${factor(ratio)} sooner`);
  const definition =
    'From opening the request to the last byte of the answer, measured by Artillery in whole milliseconds.';
  const rank = (percent: number) =>
    `Nearest rank: ${percent} % of the requests took this long or less.`;
  return [
    row('Latency, mean', ({ latencyMs }) => milliseconds(latencyMs.mean), {
      ratio: sooner(comparison.latencyMeanRatio),
      definition,
    }),
    row('median', ({ latencyMs }) => milliseconds(latencyMs.median), {
      part: true,
      ratio: sooner(comparison.latencyMedianRatio),
      definition: rank(50),
    }),
    row('p95', ({ latencyMs }) => milliseconds(latencyMs.p95), {
      part: true,
      definition: rank(95),
    }),
    row('p99', ({ latencyMs }) => milliseconds(latencyMs.p99), {
      part: true,
      definition: rank(99),
    }),
    row('longest', ({ latencyMs }) => milliseconds(latencyMs.max), {
      part: true,
      definition: 'The slowest request of all.',
    }),
  ];
}

/** Only where the functions' logs could be read. */
function fleetRows(report: Report): Row[] {
  const { v1, v2 } = report.variants;
  if (!v1.fleet || !v2.fleet) return [];
  const show =
    (text: (fleet: Fleet) => string): Show =>
    ({ fleet }) =>
      fleet ? text(fleet) : '';
  const row = rowOf(report);
  return [
    row(
      'Calls that reached recommendations',
      show((fleet) => count(fleet.recommendationsCalls)),
      {
        definition: 'Invocations of the recommendations function. Source: its logs.',
      },
    ),
    row(
      'Environments busy at once',
      show((fleet) => count(peak(fleet))),
      {
        definition:
          'The highest sum over all functions in any second. Source: times and durations in the logs.',
      },
    ),
    row(
      'Cost per million requests',
      show((fleet) => dollars(fleet.costPerMillion.total)),
      {
        ratio:
          report.comparison.costRatio === null
            ? ''
            : `${factor(report.comparison.costRatio)} cheaper`,
        definition:
          'List prices applied to the billed durations, invocations and store operations of this run; see Cost.',
      },
    ),
  ];
}

/** Of all functions together. */
export function peak({ functions }: Fleet): number {
  const length = Math.max(
    0,
    ...functions.map(({ concurrencyBySecond }) => concurrencyBySecond.length),
  );
  const totals = Array.from({ length }, (_, second) =>
    functions.reduce((total, one) => total + (one.concurrencyBySecond[second] ?? 0), 0),
  );
  return Math.max(0, ...totals);
}

export function textTable(report: Report): string {
  const head = { label: '', v1: 'v1 (no breaker)', v2: 'v2 (breaker)', ratio: 'v2 against v1' };
  const body = comparisonRows(report).map((row) => ({
    ...row,
    label: row.part ? `  ${row.label}` : row.label,
  }));
  const rows = [head, ...body];
  const width = (column: keyof typeof head) => Math.max(...rows.map((row) => row[column].length));
  const columns = { label: width('label'), v1: width('v1'), v2: width('v2') };
  return rows
    .map(({ label, v1, v2, ratio }) =>
      [label.padEnd(columns.label), v1.padStart(columns.v1), v2.padStart(columns.v2), ratio]
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
