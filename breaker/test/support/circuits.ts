/** Circuits in each state and a writer, at a fixed time, for tests of the pure parts. */
import type { ClosedCircuit, HalfOpenCircuit, OpenCircuit } from '../../src/state.ts';
import type { Rules, Writer } from '../../src/writes.ts';

export const NOW_MS = Date.UTC(2026, 0, 1);

const common = {
  schemaVersion: 1,
  generation: 7,
  streakId: 4,
  reopenings: 0,
  updatedBy: 'another',
  reason: 'as it is',
  updatedAt: NOW_MS - 100,
} as const;

export const closed: ClosedCircuit = { ...common, state: 'CLOSED' };
export const failing: ClosedCircuit = {
  ...closed,
  streakFailures: 1,
  streakStartedAt: NOW_MS - 1_000,
};
export const open: OpenCircuit = {
  ...common,
  state: 'OPEN',
  openUntil: NOW_MS + 4_900,
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
  probeLeaseUntil: NOW_MS + 2_900,
};

const rules: Rules = {
  failureThreshold: 3,
  streakWindowMs: 30_000,
  openMs: 5_000,
  maxOpenMs: 30_000,
  probes: { max: 1, need: 1 },
  callTimeoutMs: 2_000,
};

export function writer(own: Partial<Writer> = {}): Writer {
  return { ...rules, instanceId: 'me', probeId: 'me#1', nowMs: NOW_MS, random: 0.5, ...own };
}
