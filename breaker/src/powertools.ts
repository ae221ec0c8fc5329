/** A circuit in the metrics and logs of Powertools for AWS Lambda: `fleet-breaker/powertools`. */
import { CircuitOpenError } from './errors.ts';
import type { BreakerOptions } from './options.ts';
import type { CallOutcome, CallRecord, StoreChange, Transition } from './ports.ts';
import type { CircuitState } from './protocol/circuit.ts';

/**
 * The metrics of a circuit. Whatever differs from call to call is a name and never a dimension, so
 * the number of metrics does not grow with the traffic.
 */
export type CircuitMetric =
  /** Calls by outcome. */
  | 'CallSucceeded'
  | 'CallFailed'
  | 'CallIgnored'
  | 'CallRefused'
  /** Milliseconds of calls that were made. */
  | 'CallLatency'
  /** Probes are counted among the calls, too. */
  | 'ProbeSucceeded'
  | 'ProbeFailed'
  /** Written once in the fleet, by the instance that made the transition. */
  | 'ToOpen'
  | 'ToHalfOpen'
  | 'ToClosed'
  /**
   * 1 for a call that met the circuit open or half-open, 0 for one that met it closed: its average is
   * a share. A call without the time to begin is in neither, for it met no circuit.
   */
  | 'CircuitOpen'
  /** 1 for a call that had to do without the shared state, 0 for one that had it. */
  | 'StoreUnavailable'
  /** Yours to write, where your fallback answers: `metrics.addMetric('Fallback', 'Count', 1)`. */
  | 'Fallback';

/** What is needed of the `Metrics` of `@aws-lambda-powertools/metrics`. */
export interface MetricsSink {
  addMetric(name: string, unit: 'Count' | 'Milliseconds', value: number): void;
}

/** What is needed of the `Logger` of `@aws-lambda-powertools/logger`. */
export interface LogSink {
  warn(message: string, attributes: Record<string, unknown>): void;
}

/** Where the listeners write; what is left out is not written. */
export interface PowertoolsOptions {
  /**
   * Its dimensions should name the circuit: `defaultDimensions: { circuit: 'recommendations' }`. It
   * has to be published before each answer (`publishStoredMetrics`, or its middy middleware).
   */
  readonly metrics?: MetricsSink | undefined;
  /** Gets a line per transition, and one when the store goes out of reach or comes back. */
  readonly logger?: LogSink | undefined;
}

/** The three listeners of a breaker. */
export type CircuitListeners = {
  readonly [K in 'onCall' | 'onTransition' | 'onStoreChange']: NonNullable<BreakerOptions[K]>;
};

const OUTCOME: Readonly<Record<CallOutcome, CircuitMetric>> = {
  success: 'CallSucceeded',
  failure: 'CallFailed',
  ignored: 'CallIgnored',
  refused: 'CallRefused',
};
const LATENCY: CircuitMetric = 'CallLatency';
const TO: Readonly<Record<CircuitState, CircuitMetric>> = {
  OPEN: 'ToOpen',
  HALF_OPEN: 'ToHalfOpen',
  CLOSED: 'ToClosed',
};

/**
 * The listeners that write what a breaker does as metrics and log lines. One breaker, one set of
 * listeners.
 *
 * @example
 * const metrics = new Metrics({ namespace: 'shop', defaultDimensions: { circuit: name } });
 * const listeners = powertoolsListeners({ metrics, logger: new Logger() });
 * const breaker = createBreaker({ name, store, ...listeners });
 */
export function powertoolsListeners({ metrics, logger }: PowertoolsOptions): CircuitListeners {
  let isStoreAvailable = true;
  const count = (metric: CircuitMetric, by = 1) => metrics?.addMetric(metric, 'Count', by);
  return {
    onCall(call: CallRecord): void {
      const { outcome, probe, latencyMs } = call;
      count(OUTCOME[outcome]);
      if (probe && outcome === 'success') count('ProbeSucceeded');
      if (probe && outcome === 'failure') count('ProbeFailed');
      if (outcome !== 'refused') metrics?.addMetric(LATENCY, 'Milliseconds', latencyMs);
      if (hasMetCircuit(call)) count('CircuitOpen', Number(hasMetItOpen(call)));
      count('StoreUnavailable', Number(!isStoreAvailable));
    },
    onTransition(transition: Transition): void {
      logger?.warn('circuit transition', { transition });
      count(TO[transition.to]);
    },
    onStoreChange(store: StoreChange): void {
      logger?.warn('circuit store', { store });
      isStoreAvailable = store.available;
    },
  };
}

/** A call that had no time left to begin is refused before the circuit is asked. */
function hasMetCircuit({ outcome, error }: CallRecord): boolean {
  return outcome !== 'refused' || error instanceof CircuitOpenError;
}

/** A closed circuit refuses some calls, too: after a recovery, and while failures cannot be written. */
function hasMetItOpen({ outcome, probe, wouldRefuse, error }: CallRecord): boolean {
  if (outcome !== 'refused') return probe || wouldRefuse === true;
  return error instanceof CircuitOpenError && error.state !== 'CLOSED';
}
