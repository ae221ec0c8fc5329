/**
 * The writes of the protocol, in the order of a circuit's life. Those of a closed circuit that stays
 * closed are in streak-writes.ts.
 *
 * Each repeats in its conditions what it was derived from. So of any number of
 * instances that derive a write from the same circuit, one succeeds, and the
 * others are refused and shown what refused them (docs/adr/0001).
 */
import type { Circuit, ClosedCircuit, HalfOpenCircuit, OpenCircuit, Override } from './circuit.ts';
import { build, type Changes, NO_PROBE, transition, type Write } from './conditional-write.ts';
import type { DecisionContext } from './context.ts';
import { type Experience, streakScore } from './streak-writes.ts';

/** Reopenings are forgotten when all calls have been admitted again for longer than this. */
const REOPENINGS_KEPT_MS = 30_000;
/** Share of the open period by which it varies, to either side. */
const OPEN_JITTER = 0.1;
/**
 * The lease of a probe: its call may take `callTimeoutMs`, and its report this
 * much longer. A prober that is silent by then is taken to be dead.
 *
 *     claim                       timeout       lease over
 *     |--------- call -------------|-- report ---|
 *                callTimeoutMs       LEASE_MARGIN_MS
 */
const LEASE_MARGIN_MS = 1_000;

/** The failure that opens the circuit. */
interface Failure {
  readonly cause: string;
  /** How long the downstream asked not to be called, if it did. */
  readonly retryAfterMs?: number | undefined;
}

/** The failure that reaches the threshold opens the circuit. */
export function trip(current: ClosedCircuit, failure: Failure, ctx: DecisionContext): Write {
  const { failureThreshold, rampMs } = ctx.rules;
  const sinceRecoveryMs = ctx.nowMs - (current.closedAtMs ?? 0);
  const isForgotten = sinceRecoveryMs > rampMs + REOPENINGS_KEPT_MS;
  return transition(ctx, {
    operation: 'trip',
    current,
    pinned: ['streakId'],
    // With a threshold of 1 there is no streak to look at.
    ...(failureThreshold > 1 && {
      onlyIf: streakScore('atLeast', failureThreshold - 1),
    }),
    set: {
      ...openPeriod(isForgotten ? 0 : current.reopenings, failure, ctx),
      reason: `${tooMany(ctx)} ${failure.cause}`,
    },
  });
}

/**
 * The open period is over and a probe begins. The claimer has waited by its own
 * clock (view.ts), so the store compares no times; but a period that was edited
 * manually meanwhile refuses the claim.
 */
export function claimProbe(current: OpenCircuit, ctx: DecisionContext): Write {
  return transition(ctx, {
    operation: 'claimProbe',
    current,
    pinned: ['openUntilMs'],
    set: { ...firstProbe(ctx), reason: 'the open period is over' },
  });
}

/** Another probe, after one that did not decide. Any instance may make it. */
export function nextProbe(current: HalfOpenCircuit, ctx: DecisionContext): Write {
  return build(ctx, {
    operation: 'nextProbe',
    current,
    pinned: ['probeOwner', 'probesIssued'],
    set: {
      ...lease(ctx),
      probesIssued: current.probesIssued + 1,
      reason: 'another probe is needed',
    },
  });
}

/**
 * The prober is dead. The new generation makes inert whatever it may still
 * report.
 */
export function takeOverProbe(current: HalfOpenCircuit, ctx: DecisionContext): Write {
  return transition(ctx, {
    operation: 'takeOverProbe',
    current,
    pinned: ['probeOwner', 'probeLeaseUntilMs'],
    set: { ...firstProbe(ctx), reason: 'the prober is gone' },
  });
}

/** A probe's result that decides nothing yet. `counts` are the new ones. */
export function reportProbe(
  current: HalfOpenCircuit,
  counts: Changes,
  ctx: DecisionContext,
): Write {
  return build(ctx, {
    operation: 'reportProbe',
    current,
    pinned: ['probeOwner'],
    set: { ...NO_PROBE, ...counts, reason: 'a probe reported' },
  });
}

/** Enough probes have succeeded: the circuit closes. */
export function recover(
  current: HalfOpenCircuit,
  { usualMs }: Experience,
  ctx: DecisionContext,
): Write {
  return transition(ctx, {
    operation: 'recover',
    current,
    pinned: ['probeOwner'],
    set: {
      state: 'CLOSED',
      closedAtMs: ctx.nowMs,
      usualMs,
      reason: 'the probe succeeded',
    },
  });
}

/** Too many probes have failed: the circuit opens again, for longer. */
export function reopen(current: HalfOpenCircuit, failure: Failure, ctx: DecisionContext): Write {
  return transition(ctx, {
    operation: 'reopen',
    current,
    pinned: ['probeOwner'],
    set: {
      ...openPeriod(current.reopenings + 1, failure, ctx),
      reason: `the probe failed: ${failure.cause}`,
    },
  });
}

/** What an operator asks for. Without `override` it is the release of one. */
export interface OverrideRequest {
  readonly override?: Override;
  /** When the override ends by itself; absent if it lasts until released. */
  readonly overrideUntilMs?: number | undefined;
  readonly reason: string;
}

/**
 * The operator's override, or its release. What is beneath becomes closed if it
 * was and goes on being called, and otherwise open with its period already over:
 *
 *     CLOSED    -- FORCED_CLOSED --> CLOSED
 *     otherwise -- any override  --> OPEN, the first call afterwards is the probe
 *
 * So whether the override runs out or is released, one call finds out whether
 * the downstream can be called again, and not the whole fleet at once.
 */
export function applyOverride(
  current: Circuit,
  request: OverrideRequest,
  ctx: DecisionContext,
): Write {
  const isLeftClosed = current.state === 'CLOSED' && request.override !== 'FORCED_OPEN';
  return transition(ctx, {
    operation: request.override ? 'override' : 'release',
    current,
    set: { ...(isLeftClosed ? {} : periodOver(ctx)), ...request },
  });
}

/** The operator knows that the downstream is well: nothing is held against it. */
export function close(current: Circuit, reason: string, ctx: DecisionContext): Write {
  return transition(ctx, {
    operation: 'close',
    current,
    set: { state: 'CLOSED', reopenings: 0, closedAtMs: undefined, reason },
  });
}

/** "3 x", or where successes were among them "over 50 % failed:". */
function tooMany({ rules }: DecisionContext): string {
  const { failureThreshold, failureRate } = rules;
  if (failureRate === 1 || failureThreshold === 1) return `${failureThreshold} x`;
  return `over ${Math.round(100 * failureRate)} % failed:`;
}

/**
 * An open period: it doubles with every reopening, up to `maxOpenMs`. It lasts at
 * least as long as the downstream asks, within the same bound.
 */
function openPeriod(reopenings: number, failure: Failure, ctx: DecisionContext): Changes {
  const { openMs, maxOpenMs } = ctx.rules;
  const plannedMs = Math.min(openMs * 2 ** reopenings, maxOpenMs);
  const jitter = 1 + OPEN_JITTER * (2 * ctx.random - 1);
  const askedMs = Math.min(failure.retryAfterMs ?? 0, maxOpenMs);
  const openDurationMs = Math.round(Math.max(plannedMs * jitter, askedMs));
  return {
    state: 'OPEN',
    reopenings,
    openDurationMs,
    openUntilMs: ctx.nowMs + openDurationMs,
  };
}

/** An open period that has ended: the next call claims the probe. */
function periodOver(ctx: DecisionContext): Changes {
  return { state: 'OPEN', openDurationMs: 0, openUntilMs: ctx.nowMs };
}

function firstProbe(ctx: DecisionContext): Changes {
  return {
    state: 'HALF_OPEN',
    ...lease(ctx),
    probesIssued: 1,
    probesOk: 0,
    probesFailed: 0,
  };
}

function lease(ctx: DecisionContext): Changes {
  const leaseMs = ctx.rules.callTimeoutMs + LEASE_MARGIN_MS;
  return {
    probeOwner: ctx.probeId,
    probeLeaseUntilMs: ctx.nowMs + leaseMs,
  };
}
