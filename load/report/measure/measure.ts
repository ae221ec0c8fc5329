/** From what was recorded of one variant to its figures. Pure. */
import type { Plan } from '../../plan.ts';
import type { Invocation, Logs } from '../raw/logs.ts';
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
import { sum } from '../statistics.ts';
import { describeCircuit } from './circuit.ts';
import { arrivalMs, concurrencyBySecond, describeFunctions, peakConcurrency } from './functions.ts';
import { describePhase, isIn, phaseWindows, type TimeWindow } from './phases.ts';
import { costPerMillion } from './prices.ts';
import { recoveryAfter } from './recovery-time.ts';
import { latencyDots, secondsOf } from './series.ts';
import { type Span, spanOf } from './span.ts';

export interface Recorded {
  readonly variant: Variant;
  readonly plan: Plan;
  readonly requests: readonly Request[];
  readonly faultSwitches: readonly FaultSwitch[];
  readonly logs: Logs | undefined;
  /** What was seen of the circuit from outside, for want of logs. */
  readonly watched: readonly CircuitTransition[];
}

/** Bars in the request timeline. */
const BAR_COUNT = 50;

export function measure(recorded: Recorded): VariantReport {
  const { variant, plan, requests, faultSwitches, logs } = recorded;
  const span = spanOf(requests);
  const { startedAtMs } = span;
  const windows = phaseWindows(faultSwitches, span);
  const describe = (key: keyof typeof windows) =>
    describePhase({ phase: plan.phases[key], window: windows[key], requests, startedAtMs });
  const phases = {
    before: describe('before'),
    fault: describe('fault'),
    after: describe('after'),
  };
  const { requests: requestsUnderFault } = phases.fault;
  if (requestsUnderFault === 0) {
    throw new Error(`${variant}: nobody met the fault, there is nothing to report.`);
  }
  const circuit = variant === 'v2' ? circuitOf(recorded, span) : null;
  const faultEndedAtMs = faultEndOf(faultSwitches);
  return {
    users: new Set(requests.map(({ user }) => user)).size,
    elapsedSeconds: span.elapsedSeconds,
    phases,
    sentWhileSwitching: requests.length - sum(Object.values(phases).map((phase) => phase.requests)),
    recovery: recoveryAfter({ requests, circuit, startedAtMs, faultEndedAtMs }),
    seconds: secondsOf(requests, span),
    latencyDots: latencyDots(requests, span),
    firstRequests: firstRequests(recorded, startedAtMs),
    circuit,
    fleet: logs
      ? describeFleet({ requests: requestsUnderFault, logs, span, window: windows.fault })
      : null,
  };
}

/** When its end was asked for: the switch itself takes time, too. */
const faultEndOf = (switches: readonly FaultSwitch[]): number =>
  switches.find(({ phase }) => phase === 'after')?.askedAtMs ?? Number.NaN;

/** From when the fault was asked for: what follows shows how the circuit learns of it. */
function firstRequests({ requests, faultSwitches }: Recorded, startedAtMs: number): FirstRequest[] {
  const begin = faultSwitches.find(({ phase }) => phase === 'fault')?.askedAtMs ?? 0;
  const first = requests.filter(({ sentAtMs }) => sentAtMs >= begin).slice(0, BAR_COUNT);
  return first.map(({ number, sentAtMs, latencyMs, outcome }) => ({
    number,
    sentSeconds: (sentAtMs - startedAtMs) / 1000,
    latencyMs,
    outcome,
  }));
}

function circuitOf({ logs, watched }: Recorded, span: Span): CircuitReport | null {
  if (logs) {
    const { transitions, invocations } = logs;
    return describeCircuit({ transitions, calls: callsOfRecommendations(invocations), span });
  }
  if (watched.length === 0) return null;
  return describeCircuit({ transitions: watched, calls: undefined, span });
}

const callsOfRecommendations = (invocations: readonly Invocation[]): Invocation[] =>
  invocations.filter(({ part }) => part === 'recommendations');

interface FleetInput {
  /** How many users' requests the window holds. */
  readonly requests: number;
  readonly logs: Logs;
  readonly span: Span;
  readonly window: TimeWindow;
}

function describeFleet({ requests, logs, span, window }: FleetInput): Fleet {
  const own = logs.invocations.filter((invocation) => isIn(window, arrivalMs(invocation)));
  const functions = describeFunctions(own);
  const store = {
    reads: sum(own.map((invocation) => invocation.store.reads)),
    writes: sum(own.map((invocation) => invocation.store.writes)),
  };
  return {
    functions,
    recommendationsCalls: callsOfRecommendations(own).length,
    productFailures: sum(own.map(({ productFailures }) => productFailures)),
    peakConcurrency: peakConcurrency(own),
    store,
    costPerMillion: costPerMillion({ requests, functions, store }),
    busySecondsPerRequest: sum(functions.map(({ billedSeconds }) => billedSeconds)) / requests,
    concurrencyBySecond: concurrencyBySecond(logs.invocations, span),
  };
}
