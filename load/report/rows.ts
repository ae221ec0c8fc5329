/** The comparison as a table, for the terminal and for HTML. */
import { count, factor, figure, milliseconds, percent } from './format.ts';
import type { Report, VariantReport } from './report.ts';

export interface Row {
  readonly label: string;
  readonly v1: string;
  readonly v2: string;
  /** How v2 compares; empty where a ratio says nothing. */
  readonly ratio: string;
}

export function comparisonRows({ variants: { v1, v2 }, comparison }: Report): Row[] {
  const row = (label: string, show: (variant: VariantReport) => string, ratio = ''): Row => ({
    label,
    v1: show(v1),
    v2: show(v2),
    ratio,
  });
  const outcome = (name: 'ok' | 'degraded' | 'failed') => (variant: VariantReport) =>
    `${count(variant.outcomes[name].count)} (${percent(variant.outcomes[name].share)})`;
  const sooner = (ratio: number | null) => (ratio === null ? '' : `${factor(ratio)} sooner`);
  return [
    row('Requests', ({ requests }) => count(requests)),
    row('  ok', outcome('ok')),
    row('  degraded', outcome('degraded')),
    row('  failed', outcome('failed')),
    row(
      'Requests per second',
      ({ requestsPerSecond }) => figure(requestsPerSecond),
      factor(comparison.requestsPerSecondRatio),
    ),
    row(
      'Useful requests per second',
      ({ usefulRequestsPerSecond }) => figure(usefulRequestsPerSecond),
      factor(comparison.usefulRequestsPerSecondRatio),
    ),
    row(
      'Latency, mean',
      ({ latencyMs }) => milliseconds(latencyMs.mean),
      sooner(comparison.latencyMeanRatio),
    ),
    row(
      'Latency, median',
      ({ latencyMs }) => milliseconds(latencyMs.median),
      sooner(comparison.latencyMedianRatio),
    ),
    row('Latency, p95', ({ latencyMs }) => milliseconds(latencyMs.p95)),
    row('Latency, p99', ({ latencyMs }) => milliseconds(latencyMs.p99)),
    row('Latency, longest', ({ latencyMs }) => milliseconds(latencyMs.max)),
  ];
}

export function textTable(report: Report): string {
  const head = { label: '', v1: 'v1 (no breaker)', v2: 'v2 (breaker)', ratio: 'v2 against v1' };
  const rows = [head, ...comparisonRows(report)];
  const width = (column: keyof Row) => Math.max(...rows.map((row) => row[column].length));
  const columns = { label: width('label'), v1: width('v1'), v2: width('v2') };
  return rows
    .map(({ label, v1, v2, ratio }) =>
      [label.padEnd(columns.label), v1.padStart(columns.v1), v2.padStart(columns.v2), ratio]
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
