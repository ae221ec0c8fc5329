/** What the live page is sent: several frames a second, each with what has happened since the one before. */
import type { Outcome } from '../load/outcome.ts';

export const FUNCTIONS = ['gateway-v1', 'gateway-v2', 'product', 'recommendations'] as const;
export type FunctionPart = (typeof FUNCTIONS)[number];

export const GATEWAYS = ['gateway-v1', 'gateway-v2'] as const;
export type Gateway = (typeof GATEWAYS)[number];

export type CircuitState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** Of an environment; `gone` is told once. */
export type CellState = 'starting' | 'idle' | 'busy' | 'gone';

/** An environment that has changed. */
export interface Cell {
  readonly part: FunctionPart;
  readonly id: number;
  readonly state: CellState;
  readonly sinceMs: number;
  /** It makes the circuit's probe. */
  readonly isProbing: boolean;
  /** It has found the table out of reach, and decides alone. */
  readonly isAlone: boolean;
}

/** A user who has asked and has no answer yet. */
export interface Waiting {
  readonly gateway: Gateway;
  readonly id: number;
  readonly sinceMs: number;
}

/** An answer; `outcome` is undefined when the user did not wait for it. */
export interface Answered {
  readonly gateway: Gateway;
  readonly id: number;
  readonly atMs: number;
  readonly latencyMs: number;
  readonly outcome: Outcome | undefined;
}

export interface CircuitTransition {
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly operation: string;
  readonly generation: number;
  readonly reason: string;
  readonly atMs: number;
  /** The instance or the operator. */
  readonly by: string;
  /** `instance`: a decision in local mode, of which no other instance knows. */
  readonly scope: 'fleet' | 'instance';
}

/** The circuit as its item says, or as a missing item means. */
export interface StoredCircuit {
  readonly state: CircuitState;
  readonly generation: number;
  readonly reason: string;
  readonly updatedBy: string;
  readonly updatedAtMs: number | undefined;
  /** While OPEN: when the next call may be a probe. */
  readonly openUntilMs: number | undefined;
  /** While HALF_OPEN: the instance that makes a probe, and when it is given up for dead. */
  readonly probeOwner: string | undefined;
  readonly probeLeaseUntilMs: number | undefined;
  readonly override: string | undefined;
  readonly overrideUntilMs: number | undefined;
  /** Every attribute as it is stored; empty: there is no item. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

export type Fault = 'healthy' | 'hanging' | 'half failing' | 'another';

/** Everything that is not counted in events: sent as a whole when one of it changes. */
export interface Status {
  readonly fault: Fault;
  /** On each gateway. */
  readonly users: number;
  readonly engine: { readonly isRunning: boolean; readonly end: string | undefined };
  /** Undefined: not read yet. */
  readonly circuit: StoredCircuit | undefined;
  /** Of the instances that decide alone: in which state each of them sees the circuit. */
  readonly alone: Readonly<Record<CircuitState, number>>;
}

export interface Frame {
  /** Of the server's clock. */
  readonly atMs: number;
  /** The page forgets what it had: this frame is the whole state. */
  readonly isWhole: boolean;
  readonly cells: readonly Cell[];
  readonly waiting: readonly Waiting[];
  readonly answers: readonly Answered[];
  readonly transitions: readonly CircuitTransition[];
  readonly status: Status | undefined;
}
