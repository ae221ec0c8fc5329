/** From what was recorded of one variant to its figures. Pure. */

import type { Logs } from '../raw/logs.ts';
import type { Request } from '../raw/requests.ts';
import type {
  CircuitReport,
  CircuitTransition,
  FaultSwitch,
  FirstRequest,
  Fleet,
  Variant,
  VariantReport,
} from '../report.ts';
import { distribution, sum } from '../statistics.ts';
import { describeCircuit } from './circuit.ts';
import { describeFunctions, peakConcurrency } from './functions.ts';
import { costPerMillion } from './prices.ts';
import { latencyDots, secondsOf } from './series.ts';
import { type Span, spanOf } from './span.ts';

interface Recorded {
  readonly variant: Variant;
  readonly requests: readonly Request[];
  readonly faultSwitches: readonly FaultSwitch[];
  readonly logs: Logs | undefined;
  /** What was seen of the circuit from outside, for want of logs. */
  readonly watched: readonly CircuitTransition[];
}

/** Bars in the request timeline. */
const BAR_COUNT = 50;

export function measure(recorded: Recorded): VariantReport {
  const { variant, requests, faultSwitches, logs } = recorded;
  const latencyMs = distribution(requests.map((request) => request.latencyMs));
  if (!latencyMs)
    throw new Error(`${variant}: no request was answered, there is nothing to report.`);
  const span = spanOf(requests);
  const outcomes = countOutcomes(requests);
  const useful = outcomes.ok.count + outcomes.degraded.count;
  return {
    requests: requests.length,
    users: new Set(requests.map(({ user }) => user)).size,
    outcomes,
    statuses: countStatuses(requests),
    elapsedSeconds: span.elapsedSeconds,
    requestsPerSecond: requests.length / span.elapsedSeconds,
    usefulRequestsPerSecond: useful / span.elapsedSeconds,
    latencyMs,
    faultSwitches: faultSwitches.map(({ fault, askedAtMs, inForceAtMs }) => ({
      fault,
      askedAtSeconds: (askedAtMs - span.startedAtMs) / 1000,
      inForceAtSeconds: (inForceAtMs - span.startedAtMs) / 1000,
    })),
    seconds: secondsOf(requests, span),
    latencyDots: latencyDots(requests, span),
    firstRequests: firstOfFault(recorded).map((request) => bar(request, span.startedAtMs)),
    circuit: variant === 'v2' ? circuitOf(recorded, span) : null,
    fleet: logs ? describeFleet({ requests: requests.length, logs, span }) : null,
  };
}

function countOutcomes(requests: readonly Request[]): VariantReport['outcomes'] {
  const counts = { ok: 0, degraded: 0, failed: 0 };
  for (const { outcome } of requests) counts[outcome] += 1;
  const share = (count: number) => ({ count, share: count / requests.length });
  return { ok: share(counts.ok), degraded: share(counts.degraded), failed: share(counts.failed) };
}

function countStatuses(requests: readonly Request[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of requests) {
    const name = String(status ?? 'none');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The requests that met the fault first: from the beginning, where it was on before the load. */
function firstOfFault({ requests, faultSwitches }: Recorded): readonly Request[] {
  const begin = faultSwitches.find(({ fault }) => fault !== 'none')?.askedAtMs ?? 0;
  return requests.filter(({ sentAtMs }) => sentAtMs >= begin).slice(0, BAR_COUNT);
}

const bar = (
  { number, sentAtMs, latencyMs, outcome }: Request,
  startedAtMs: number,
): FirstRequest => ({
  number,
  sentSeconds: (sentAtMs - startedAtMs) / 1000,
  latencyMs,
  outcome,
});

function circuitOf({ logs, watched }: Recorded, span: Span): CircuitReport | null {
  if (logs) {
    const { transitions } = logs;
    return describeCircuit({ transitions, calls: recommendationsCalls(logs), span });
  }
  if (watched.length === 0) return null;
  return describeCircuit({ transitions: watched, calls: undefined, span });
}

const recommendationsCalls = ({ invocations }: Logs) =>
  invocations.filter(({ part }) => part === 'recommendations');

interface FleetInput {
  readonly requests: number;
  readonly logs: Logs;
  readonly span: Span;
}

function describeFleet({ requests, logs, span }: FleetInput): Fleet {
  const functions = describeFunctions(logs.invocations, span);
  return {
    functions,
    recommendationsCalls: recommendationsCalls(logs).length,
    productFailures: logs.productFailures,
    peakConcurrency: peakConcurrency(logs.invocations),
    store: logs.store,
    costPerMillion: costPerMillion({ requests, functions, store: logs.store }),
    busySecondsPerRequest: sum(functions.map(({ billedSeconds }) => billedSeconds)) / requests,
  };
}
