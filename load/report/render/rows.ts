/** The figures as table rows, for the terminal and for HTML, each with what it means and where it comes from. */
import type { Outcome } from '../../outcome.ts';
import { count, dollars, factor, figure, milliseconds, percent, times } from '../format.ts';
import type { Comparison, Distribution, Fleet, Report, VariantReport } from '../report.ts';
import { VARIANT_NAMES } from './variants.ts';

export interface Row {
  readonly label: string;
  /** It details the row above. */
  readonly isDetail: boolean;
  readonly v1: string;
  readonly v2: string;
  /** How v2 compares; empty where a ratio says nothing. */
  readonly ratio: string;
  readonly definition: string;
}

interface Spec {
  readonly label: string;
  readonly isDetail?: true;
  readonly show: (variant: VariantReport) => string;
  readonly ratio?: (comparison: Comparison) => string;
  readonly definition: string;
}

const outcome = (name: Outcome, definition: string): Spec => ({
  label: name,
  isDetail: true,
  show: ({ outcomes }) => `${count(outcomes[name].count)} (${percent(outcomes[name].share)})`,
  definition,
});

const latency = (label: string, key: keyof Distribution, definition: string): Spec => ({
  label,
  isDetail: true,
  show: ({ latencyMs }) => milliseconds(latencyMs[key]),
  definition,
});

const rank = (percentage: number) =>
  `Nearest rank: ${percentage} % of the requests took this long or less.`;

const fleet = (show: (fleet: Fleet) => string) => (variant: VariantReport) =>
  variant.fleet ? show(variant.fleet) : '';

const USER_SPECS: readonly Spec[] = [
  {
    label: 'Requests',
    show: ({ requests }) => count(requests),
    definition:
      'Requests that were sent and have ended. Source: the request log of the processor, checked against http.requests of Artillery.',
  },
  outcome('ok', 'Answers 200 with a product and recommendations.'),
  outcome('degraded', 'Answers 200 with a product, but without recommendations.'),
  outcome('failed', 'Everything else: another status, no answer, no product.'),
  {
    label: 'HTTP statuses',
    isDetail: true,
    show: ({ statuses }) =>
      Object.entries(statuses)
        .map(([status, requests]) => `${status}: ${count(requests)}`)
        .join(', '),
    definition: 'Requests by the status of their answer; none: the connection failed.',
  },
  {
    label: 'Requests per second',
    show: ({ requestsPerSecond }) => figure(requestsPerSecond),
    ratio: ({ requestsPerSecondRatio }) => factor(requestsPerSecondRatio),
    definition:
      'Requests / seconds from the first request sent to the last answer (ramp-up and the last waits included).',
  },
  {
    label: 'useful',
    isDetail: true,
    show: ({ usefulRequestsPerSecond }) => figure(usefulRequestsPerSecond),
    ratio: ({ usefulRequestsPerSecondRatio }) => factor(usefulRequestsPerSecondRatio),
    definition: '(ok + degraded) / the same seconds.',
  },
  {
    label: 'Latency, mean',
    show: ({ latencyMs }) => milliseconds(latencyMs.mean),
    ratio: ({ latencyMeanRatio }) => times(latencyMeanRatio, 'sooner', 'later'),
    definition:
      'From opening the request to the last byte of the answer, by Artillery in whole milliseconds. Source: request log.',
  },
  latency('shortest', 'min', 'The fastest request of all.'),
  {
    ...latency('median', 'median', rank(50)),
    ratio: ({ latencyMedianRatio }) => times(latencyMedianRatio, 'sooner', 'later'),
  },
  latency('p95', 'p95', rank(95)),
  latency('p99', 'p99', rank(99)),
  latency('longest', 'max', 'The slowest request of all.'),
];

const FLEET_SPECS: readonly Spec[] = [
  {
    label: 'Calls that reached recommendations',
    show: fleet(({ recommendationsCalls }) => count(recommendationsCalls)),
    definition: 'Invocations of the recommendations function. Source: REPORT lines of its logs.',
  },
  {
    label: 'Calls to product that failed',
    show: fleet(({ productFailures }) => count(productFailures)),
    definition:
      'Lines "product call failed" in the logs of the gateway: an error, or the limit of the account.',
  },
  {
    label: 'Environments busy at once',
    show: fleet(({ peakConcurrency }) => count(peakConcurrency)),
    definition:
      'The most at any moment, of all functions together. Source: times and durations in the logs.',
  },
  {
    label: 'Reads, writes of the table',
    show: fleet(({ store }) => `${count(store.reads)}, ${count(store.writes)}`),
    definition:
      'Operations of the breaker on its DynamoDB table, refused writes included. Source: storeReads and storeWrites in the logs of the gateway.',
  },
  {
    label: 'Cost per million requests',
    show: fleet(({ costPerMillion }) => dollars(costPerMillion.total)),
    ratio: ({ costRatio }) => times(costRatio, 'cheaper', 'dearer'),
    definition:
      'List prices applied to the billed durations, invocations and table operations of this run; see Cost.',
  },
];

export function comparisonRows({ variants: { v1, v2 }, comparison }: Report): Row[] {
  const specs = [...USER_SPECS, ...(v1.fleet && v2.fleet ? FLEET_SPECS : [])];
  return specs.map(({ label, isDetail = false, show, ratio, definition }) => ({
    label,
    isDetail,
    v1: show(v1),
    v2: show(v2),
    ratio: ratio?.(comparison) ?? '',
    definition,
  }));
}

export function textTable(report: Report): string {
  const head = { label: '', ...VARIANT_NAMES, ratio: 'v2 against v1' };
  const body = comparisonRows(report).map((row) => ({
    ...row,
    label: row.isDetail ? `  ${row.label}` : row.label,
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
