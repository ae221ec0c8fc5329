/** The figures as table rows, for the terminal and for HTML, each with what it means and where it comes from. */
import type { Outcome } from '../../outcome.ts';
import { recoveryText } from '../compare/verdict.ts';
import { count, dollars, figure, milliseconds, percent, seconds } from '../format.ts';
import type { Distribution, Fleet, PhaseReport, Report, VariantReport } from '../report.ts';

export interface Row {
  readonly label: string;
  /** It details the row above. */
  readonly isDetail: boolean;
  /** It needs no explanation: the terminal shows it, too. */
  readonly isPlain: boolean;
  readonly v1: string;
  readonly v2: string;
  readonly definition: string;
}

interface Spec {
  readonly label: string;
  readonly isDetail?: true;
  readonly isPlain?: true;
  readonly show: (variant: VariantReport) => string;
  readonly definition: string;
}

/** All figures but the recovery are of the phase with the fault. */
const ofFault =
  (show: (phase: PhaseReport) => string) =>
  ({ phases }: VariantReport): string =>
    show(phases.fault);

const ofFleet =
  (show: (fleet: Fleet) => string) =>
  ({ fleet }: VariantReport): string =>
    fleet ? show(fleet) : '';

const outcome = (name: Outcome, definition: string): Spec => ({
  label: name,
  isDetail: true,
  show: ofFault(
    ({ outcomes }) => `${count(outcomes[name].count)} (${percent(outcomes[name].share)})`,
  ),
  definition,
});

const latency = (key: keyof Distribution, show: (ms: number) => string): Pick<Spec, 'show'> => ({
  show: ofFault(({ latencyMs }) => (latencyMs ? show(latencyMs[key]) : '-')),
});

const rank = (percentage: number) =>
  `Nearest rank: ${percentage} % of the requests took this long or less.`;

const USER_SPECS: readonly Spec[] = [
  {
    label: 'Requests',
    show: ofFault(({ requests }) => count(requests)),
    definition:
      'Requests that were sent in the phase with the fault and have ended. Source: the request log of the processor, checked against http.requests of Artillery.',
  },
  outcome('ok', 'Answers 200 with a product and recommendations.'),
  outcome('degraded', 'Answers 200 with a product, but without recommendations.'),
  outcome('failed', 'Everything else: another status, no answer, no product.'),
  {
    label: 'HTTP statuses',
    isDetail: true,
    show: ofFault(({ statuses }) =>
      Object.entries(statuses)
        .map(([status, requests]) => `${status}: ${count(requests)}`)
        .join(', '),
    ),
    definition: 'Requests by the status of their answer; none: the connection failed.',
  },
  {
    label: 'Requests per second',
    isPlain: true,
    show: ofFault(({ requestsPerSecond }) => figure(requestsPerSecond)),
    definition: 'Requests sent in the phase with the fault / seconds of that phase.',
  },
  {
    label: 'useful',
    isDetail: true,
    show: ofFault(({ usefulRequestsPerSecond }) => figure(usefulRequestsPerSecond)),
    definition: 'Those of them with an ok or degraded answer / the same seconds.',
  },
  {
    label: 'Latency, median',
    isPlain: true,
    ...latency('median', seconds),
    definition: `From opening the request to the last byte of the answer, by Artillery in whole milliseconds. Source: request log. ${rank(50)}`,
  },
  { label: 'Latency, p95', isPlain: true, ...latency('p95', seconds), definition: rank(95) },
  { label: 'p99', isDetail: true, ...latency('p99', milliseconds), definition: rank(99) },
  {
    label: 'mean',
    isDetail: true,
    ...latency('mean', milliseconds),
    definition: 'The sum of all latencies / requests.',
  },
  {
    label: 'shortest',
    isDetail: true,
    ...latency('min', milliseconds),
    definition: 'The fastest request of all.',
  },
  {
    label: 'longest',
    isDetail: true,
    ...latency('max', milliseconds),
    definition: 'The slowest request of all.',
  },
];

const FLEET_SPECS: readonly Spec[] = [
  {
    label: 'Calls to recommendations',
    isPlain: true,
    show: ofFleet(({ recommendationsCalls }) => count(recommendationsCalls)),
    definition:
      'Invocations of the recommendations function, while it was failing. Source: REPORT lines of its logs.',
  },
  {
    label: 'Calls to product that failed',
    show: ofFleet(({ productFailures }) => count(productFailures)),
    definition:
      'Lines "product call failed" in the logs of the gateway: an error, or the limit of the account.',
  },
  {
    label: 'Environments busy at once',
    show: ofFleet(({ peakConcurrency }) => count(peakConcurrency)),
    definition:
      'The most at any moment, of all functions together. Source: times and durations in the logs.',
  },
  {
    label: 'Reads, writes of the table',
    show: ofFleet(({ store }) => `${count(store.reads)}, ${count(store.writes)}`),
    definition:
      'Operations of the breaker on its DynamoDB table, refused writes included. Source: storeReads and storeWrites in the logs of the gateway.',
  },
  {
    label: 'Cost per million requests',
    show: ofFleet(({ costPerMillion }) => dollars(costPerMillion.total)),
    definition:
      'List prices applied to the billed durations, invocations and table operations of this run; see Cost.',
  },
];

const RECOVERY_SPECS: readonly Spec[] = [
  {
    label: 'Full service again after',
    isPlain: true,
    show: ({ recovery }) => recoveryText(recovery),
    definition:
      'From when the fault’s end was asked for until the last answer that was degraded or failed had arrived: from then on all were ok. The users of v1 hang in step, so how much of their last hang is left when the fault ends is a matter of timing.',
  },
];

export function comparisonRows({ variants: { v1, v2 } }: Report): Row[] {
  const specs = [...USER_SPECS, ...(v1.fleet && v2.fleet ? FLEET_SPECS : []), ...RECOVERY_SPECS];
  return specs.map(({ label, isDetail = false, isPlain = false, show, definition }) => ({
    label,
    isDetail,
    isPlain,
    v1: show(v1),
    v2: show(v2),
    definition,
  }));
}
