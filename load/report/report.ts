/** The shape of comparison_report.json; everything that people see is rendered from it. */

import type { Target } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import type { Fault, Plan } from '../plan.ts';
import type { CircuitReport } from './circuit.ts';
import type { FunctionReport } from './functions.ts';
import type { StoreUse } from './logs.ts';
import type { Cost, prices } from './prices.ts';
import type { LatencyDot, Second } from './series.ts';
import type { Distribution } from './statistics.ts';
import type { Verdict } from './verdict.ts';

export type Variant = 'v1' | 'v2';
/** What a page shows. */
export type Variants = readonly [Variant, ...Variant[]];

export const variantNames = { v1: 'v1 (no breaker)', v2: 'v2 (breaker)' } as const;

/** Written by the demo while it runs: what the measurements alone do not tell. */
export interface Run {
  readonly startedAt: string;
  readonly plan: Plan;
  readonly target: Target;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: Readonly<Record<string, string | number>>;
}

/** When the fault was switched, as opposed to planned. */
export interface FaultSwitch {
  readonly fault: Fault;
  readonly askedAtMs: number;
  readonly inForceAtMs: number;
}

export interface VariantReport {
  readonly requests: number;
  readonly users: number;
  readonly outcomes: Readonly<Record<Outcome, { readonly count: number; readonly share: number }>>;
  /** How many requests ended with each HTTP status; `none`: the connection failed. */
  readonly statuses: Readonly<Record<string, number>>;
  /** From the first request sent to the last answer. */
  readonly elapsedSeconds: number;
  readonly requestsPerSecond: number;
  /** Counting ok and degraded answers only. */
  readonly usefulRequestsPerSecond: number;
  readonly latencyMs: Distribution;
  readonly faultSwitches: readonly {
    readonly fault: Fault;
    readonly askedAtSeconds: number;
    readonly inForceAtSeconds: number;
  }[];
  readonly seconds: readonly Second[];
  readonly latencyDots: readonly LatencyDot[];
  readonly firstRequests: readonly FirstRequest[];
  /** Null: this variant has none, or it could not be seen. */
  readonly circuit: CircuitReport | null;
  /** From the logs of the functions; null where they are out of reach. */
  readonly fleet: Fleet | null;
}

/** A bar of the request timeline. */
export interface FirstRequest {
  readonly number: number;
  readonly sentSeconds: number;
  readonly latencyMs: number;
  readonly outcome: Outcome;
}

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
}

export interface Comparison {
  /** v2 / v1; null where v1 is 0. */
  readonly requestsPerSecondRatio: number | null;
  readonly usefulRequestsPerSecondRatio: number | null;
  /** v1 / v2: how many times sooner v2 answers. */
  readonly latencyMeanRatio: number | null;
  readonly latencyMedianRatio: number | null;
  /** v1 / v2. */
  readonly costRatio: number | null;
  readonly concurrency: ConcurrencyNeed | null;
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

export interface Report {
  readonly $schema: string;
  readonly schemaVersion: 1;
  readonly run: Run;
  readonly verdict: Verdict;
  readonly variants: Readonly<Record<Variant, VariantReport>>;
  readonly comparison: Comparison;
  readonly prices: typeof prices;
  readonly caveats: readonly string[];
}
