/**
 * The writes of a closed circuit that stays closed: what is counted in a streak, and how many reports
 * there are (sampling.ts).
 */
import type { ClosedCircuit } from './circuit.ts';
import { build, type Condition, type Draft, NO_STREAK, type Write } from './conditional-write.ts';
import type { DecisionContext } from './context.ts';
import { countedSample } from './sampling.ts';
import { forgivenBySuccess } from './score.ts';

/**
 * Writes that count a call are not sent again when their outcome is unknown, for the call could
 * count twice. All other writes may be: their conditions refuse the second.
 */
const COUNTERS: ReadonlySet<string> = new Set([
  'openStreak',
  'countFailure',
  'forgive',
  'countReports',
]);

export function mayRepeat({ operation }: Write): boolean {
  return !COUNTERS.has(operation);
}

/** A result that stands for so many calls, of which it is the one that reports (sampling.ts). */
interface Sampled {
  readonly calls: number;
}

/** What an instance knows, and tells those that know less. */
export interface Experience {
  /** How long successes usually take; undefined if it has seen none. */
  readonly usualMs?: number | undefined;
}

interface FirstFailure extends Sampled, Experience {
  readonly cause: string;
}

/** The first failure begins a streak. This creates the item if need be. */
export function openStreak(
  current: ClosedCircuit,
  { cause, calls, usualMs }: FirstFailure,
  ctx: DecisionContext,
): Write {
  return report(ctx, calls, {
    operation: 'openStreak',
    current,
    pinned: ['streakId'],
    set: {
      streakId: current.streakId + 1,
      streakScore: 1,
      streakReports: 1,
      streakStartedAtMs: ctx.nowMs,
      ...(usualMs !== undefined && { usualMs }),
      reason: `failing: ${cause}`,
    },
  });
}

/**
 * One more failure of the streak. It adds to whatever score it finds, so many
 * failures at once are all counted as long as each finds room.
 */
export function countFailure(
  current: ClosedCircuit,
  { calls }: Sampled,
  ctx: DecisionContext,
): Write {
  return report(ctx, calls, {
    operation: 'countFailure',
    current,
    pinned: ['streakId'],
    onlyIf: streakScore('below', ctx.rules.failureThreshold - 1),
    set: {},
    add: { streakScore: 1, streakReports: 1 },
  });
}

/** A success takes from the streak's score, as long as that is large enough. */
export function forgive(current: ClosedCircuit, { calls }: Sampled, ctx: DecisionContext): Write {
  const forgiven = forgivenBySuccess(ctx.rules);
  return report(ctx, calls, {
    operation: 'forgive',
    current,
    pinned: ['streakId'],
    onlyIf: streakScore('atLeast', forgiven),
    set: {},
    add: { streakScore: -forgiven, streakReports: 1 },
  });
}

/** A success ends the streak: nothing is left of its score. */
export function clearStreak(
  current: ClosedCircuit,
  { calls }: Sampled,
  ctx: DecisionContext,
): Write {
  const forgiven = forgivenBySuccess(ctx.rules);
  return report(ctx, calls, {
    operation: 'clearStreak',
    current,
    pinned: ['streakId'],
    // What forgives all forgives any score.
    ...(forgiven < Infinity && { onlyIf: streakScore('atMost', forgiven) }),
    set: { ...NO_STREAK, clearedAtMs: ctx.nowMs, reason: 'succeeded again' },
  });
}

/** Results that change nothing are counted all the same: they are part of the demand. */
export function countReports(
  current: ClosedCircuit,
  { calls }: Sampled,
  ctx: DecisionContext,
): Write {
  return report(ctx, calls, { operation: 'countReports', current, set: {} });
}

export function streakScore(is: 'below' | 'atLeast' | 'atMost', value: number): Condition {
  return { attribute: 'streakScore', is, value };
}

/** A write within a closed circuit, with what it adds to the measured demand. */
function report(
  ctx: DecisionContext,
  calls: number,
  draft: Draft & { readonly current: ClosedCircuit },
): Write {
  const { current, pinned = [] } = draft;
  const sample = countedSample(current, calls, ctx.nowMs);
  const add = { ...draft.add, ...sample.add };
  return build(ctx, {
    ...draft,
    pinned: [...pinned, 'sampledSinceMs'],
    set: { ...draft.set, ...sample.set },
    ...(Object.keys(add).length > 0 && { add }),
  });
}
