/** Circuits in each state and a decision context, at a fixed time, for tests of the pure parts. */
import { StoreError } from '../../src/errors.ts';
import type {
  Circuit,
  ClosedCircuit,
  HalfOpenCircuit,
  Item,
  OpenCircuit,
} from '../../src/protocol/circuit.ts';
import { decodeItem } from '../../src/protocol/codec.ts';
import type { DecisionContext, Rules } from '../../src/protocol/context.ts';

export const NOW_MS = Date.UTC(2026, 0, 1);

const common = {
  schemaVersion: 2,
  generation: 7,
  streakId: 4,
  reopenings: 0,
  updatedBy: 'another',
  reason: 'as it is',
  updatedAtMs: NOW_MS - 100,
} as const;

export const closed: ClosedCircuit = { ...common, state: 'CLOSED' };
export const failing: ClosedCircuit = {
  ...closed,
  streakScore: 1,
  streakReports: 1,
  streakStartedAtMs: NOW_MS - 1_000,
};
/** A result that stands for itself alone, as writes are given it. */
export const FAILED = { cause: 'Error', calls: 1 } as const;
export const open: OpenCircuit = {
  ...common,
  state: 'OPEN',
  openUntilMs: NOW_MS + 4_900,
  openDurationMs: 5_000,
};
export const halfOpen: HalfOpenCircuit = {
  ...common,
  state: 'HALF_OPEN',
  probesIssued: 1,
  probesOk: 0,
  probesFailed: 0,
};
export const probing: HalfOpenCircuit = {
  ...halfOpen,
  probeOwner: 'another#1',
  probeLeaseUntilMs: NOW_MS + 2_900,
};

const rules: Rules = {
  failureThreshold: 3,
  failureRate: 1,
  streakWindowMs: 30_000,
  openMs: 5_000,
  maxOpenMs: 30_000,
  rampMs: 0,
  probes: { max: 1, need: 1 },
  callTimeoutMs: 2_000,
};

type OwnContext = Partial<Rules & Omit<DecisionContext, 'rules'>>;

/** The context of a decision by the instance `me`; rules and the rest may be given side by side. */
export function context(own: OwnContext = {}): DecisionContext {
  const { instanceId = 'me', probeId = 'me#1', nowMs = NOW_MS, random = 0.5, ...ownRules } = own;
  return { rules: { ...rules, ...ownRules }, instanceId, probeId, nowMs, random };
}

/** The circuit that an item holds. Throws StoreError if the item makes no sense. */
export function circuitOf(item: Item | undefined): Circuit {
  const decoded = decodeItem(item);
  if ('circuit' in decoded) return decoded.circuit;
  throw new StoreError('malformed', decoded.problem);
}
