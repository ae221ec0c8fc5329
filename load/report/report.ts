/** The shape of comparison_report.json. Types only: everything that people see is rendered from such a report. */
import type { Target } from '../../ops/targets.ts';
import type { Outcome } from '../outcome.ts';
import type { Fault, PhaseKey, Plan } from '../plan.ts';

export type Variant = 'v1' | 'v2';

/** A function of the demonstration. */
export type Part = 'gateway-v1' | 'gateway-v2' | 'product' | 'recommendations';

export interface Report {
  readonly schemaVersion: 2;
  readonly run: Run;
  readonly verdict: Verdict;
  readonly variants: Readonly<Record<Variant, VariantReport>>;
  /** Null without the logs of both variants. */
  readonly concurrencyNeed: ConcurrencyNeed | null;
  readonly prices: Prices;
  readonly caveats: readonly string[];
}

/** The demo writes this while it runs: it is what the measurements alone do not tell. */
export interface Run {
  readonly startedAt: string;
  readonly plan: Plan;
  readonly target: Target;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, string | number>>;
}

/** When the fault was really switched; the plan holds when it was meant to be. */
export interface FaultSwitch {
  readonly phase: PhaseKey;
  readonly fault: Fault;
  readonly askedAtMs: number;
  readonly inForceAtMs: number;
}

export interface Verdict {
  /** Who was served. */
  readonly headline: string;
  /** How much, how fast, at what price. */
  readonly detail: string;
}

export interface VariantReport {
  /** Of the whole run: users, and the time from the first request sent to the last answer. */
  readonly users: number;
  readonly elapsedSeconds: number;
  /** The headline figures are those of `fault`. A request belongs to the phase in which it was sent. */
  readonly phases: Readonly<Record<PhaseKey, PhaseReport>>;
  /** Requests that were sent about when the fault was switched: they may have met both, and belong to no phase. */
  readonly sentWhileSwitching: number;
  readonly recovery: Recovery;
  readonly seconds: readonly Second[];
  readonly latencyDots: readonly LatencyDot[];
  readonly firstRequests: readonly FirstRequest[];
  /** Null: this variant has none, or it could not be seen. */
  readonly circuit: CircuitReport | null;
  /** From the logs of the functions; null where they are out of reach. */
  readonly fleet: Fleet | null;
}

/** A phase lasts from when its switch was in force until half a second before the next switch was asked for. */
export interface PhaseReport {
  readonly name: string;
  readonly fault: Fault;
  /** In seconds since the first request. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly requests: number;
  readonly outcomes: Readonly<Record<Outcome, { readonly count: number; readonly share: number }>>;
  /** How many requests ended with each HTTP status; `none`: the connection failed. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests sent / seconds of the phase. */
  readonly requestsPerSecond: number;
  /** Only requests with an ok or degraded answer count here. */
  readonly usefulRequestsPerSecond: number;
  /** Null: nobody sent a request. */
  readonly latencyMs: Distribution | null;
}

/** In seconds since the fault's end was asked for; null: the run ended before. */
export interface Recovery {
  /** The last answer that was degraded or failed had arrived; from then on all were ok. */
  readonly fullServiceSeconds: number | null;
  /** The circuit was closed and stayed so; null also where there is no circuit or it could not be seen. */
  readonly circuitClosedSeconds: number | null;
}

export interface Distribution {
  readonly min: number;
  readonly mean: number;
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** One second of the load, counted from the first request sent. */
export interface Second {
  readonly sent: number;
  /** Answers that arrived in this second. */
  readonly ok: number;
  readonly degraded: number;
  readonly failed: number;
  /** Requests without an answer at the end of the second. */
  readonly waiting: number;
}

/** Requests that were sent about the same time and whose answers took about as long. */
export interface LatencyDot {
  readonly atSeconds: number;
  readonly latencyMs: number;
  readonly requests: number;
}

/** A bar of the request timeline. */
export interface FirstRequest {
  readonly number: number;
  readonly sentSeconds: number;
  readonly latencyMs: number;
  readonly outcome: Outcome;
}

/** A transition as the breaker reports it; see `Transition` in fleet-breaker. */
export interface CircuitTransition {
  readonly from: string;
  readonly to: string;
  readonly generation: number;
  readonly reason: string;
  readonly atMs: number;
  /** The instance that made it. */
  readonly by: string;
  /** `instance`: an instance decided for itself alone, while the store was out of its reach. */
  readonly scope: 'fleet' | 'instance';
}

/** The circuit was in one state from here to there, in seconds since the first request. */
export interface Band {
  readonly state: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export interface CircuitReport {
  /** Transitions of the whole fleet. */
  readonly transitions: readonly (CircuitTransition & { readonly atSeconds: number })[];
  readonly bands: readonly Band[];
  /** Undefined: it never opened. */
  readonly firstOpenSeconds?: number;
  /** Decisions that single instances made for themselves while the store was out of their reach. */
  readonly localDecisions: number;
  /** Times it went from closed to open. */
  readonly trips: number;
  /** Times it was opened, reopenings after a failed probe included. */
  readonly openPeriods: number;
  /** Calls that reached recommendations, by the state of the circuit when they did; null without logs. */
  readonly callsByState: Readonly<Record<string, number>> | null;
}

/** What the functions did for the requests of the phase with the fault. */
export interface Fleet {
  readonly functions: readonly FunctionReport[];
  /** Calls that reached recommendations. */
  readonly recommendationsCalls: number;
  /** Calls of the gateway to product that did not succeed. */
  readonly productFailures: number;
  /** Environments busy at the same moment, of all functions together, at most. */
  readonly peakConcurrency: number;
  readonly store: StoreUse;
  readonly costPerMillion: Cost;
  /** Billed time of all functions together, per user request. */
  readonly busySecondsPerRequest: number;
  /** Of the whole run, for each second since the first request: environments busy at once, at most. */
  readonly concurrencyBySecond: readonly {
    readonly part: Part;
    readonly busy: readonly number[];
  }[];
}

export interface FunctionReport {
  readonly part: Part;
  readonly invocations: number;
  /** Requests that waited while an environment was initialized. */
  readonly coldStarts: number;
  readonly meanDurationMs: number;
  readonly billedSeconds: number;
  readonly billedGbSeconds: number;
  /** Environments busy at the same moment, at most. */
  readonly peakConcurrency: number;
}

/** Operations on the breaker's table. */
export interface StoreUse {
  readonly reads: number;
  readonly writes: number;
}

/** Dollars per million user requests. */
export interface Cost {
  readonly apiGateway: number;
  readonly lambdaRequests: number;
  readonly lambdaDuration: number;
  readonly dynamoDb: number;
  readonly total: number;
}

/** United States dollars. */
export interface Prices {
  /** The month in which somebody noted them; no run looks them up. */
  readonly asOf: string;
  readonly region: string;
  readonly lambdaPerMillionRequests: number;
  readonly lambdaPerGbSecondArm64: number;
  readonly apiGatewayRestPerMillionRequests: number;
  readonly dynamoDbPerMillionWriteUnits: number;
  readonly dynamoDbPerMillionReadUnits: number;
}

/** Little's law: executions at once = requests per second x busy seconds per request. */
export interface ConcurrencyNeed {
  readonly accountLimit: number;
  readonly atRequestsPerSecond: readonly {
    readonly requestsPerSecond: number;
    readonly v1: number;
    readonly v2: number;
  }[];
  /** Requests per second at which a variant uses up the account's limit. */
  readonly exhaustedAt: Readonly<Record<Variant, number>>;
}
