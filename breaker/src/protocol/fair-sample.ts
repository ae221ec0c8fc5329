/** Which results say something of the time since a streak began (docs/adr/0007). */
import type { Circuit, ClosedCircuit } from './circuit.ts';
import type { DecisionContext } from './context.ts';

/**
 * A call that ran longer than this may have overlapped a streak that began after
 * the call was admitted.
 */
export const FAIR_SAMPLE_MS = 250;
/** A new streak is known everywhere after this: the item's replicas follow, and are read. */
const KNOWN_AFTER_MS = 10;
/** Where nothing is known to have failed for this long, a streak is believed at once. */
const CALM_MS = 60_000;

/** What decides on the fairness of a call, besides the circuit. */
export interface Sample {
  readonly ranMs: number;
  /** How long this instance's successful calls usually take; undefined if there was none yet. */
  readonly usualMs: number | undefined;
  /** How long views of the closed circuit serve, so that a streak may be news to this one. */
  readonly viewMs: number;
  /** A number in [0, 1), drawn for the call. */
  readonly luck: number;
}

/** Whether a streak is open to which something was added within the window. */
export function hasLiveStreak(circuit: Circuit, nowMs: number, windowMs: number): boolean {
  if (circuit.state !== 'CLOSED') return false;
  if (circuit.streakScore === undefined) return false;
  return distanceMs(circuit.updatedAtMs, nowMs) < windowMs;
}

/**
 * Whether the call can have met the current streak: it was admitted when the
 * streak was known, or ran long enough to have met it. Only such calls count,
 * failures and successes alike. Otherwise the calls that were under way when a
 * streak began, all ignorant of it, would trip a healthy circuit before the
 * first success could end the streak.
 */
export function isFairSample(
  current: ClosedCircuit,
  admittedTo: ClosedCircuit,
  sample: Sample,
  ctx: DecisionContext,
): boolean {
  const settledForMs = streakSettledForMs(current, sample, ctx);
  if (settledForMs < 0) return false;
  if (admittedTo.streakId === current.streakId) return true;
  if (sample.ranMs <= FAIR_SAMPLE_MS) return false;
  // Views make the streak known to few calls at first. The others are thinned to the same share.
  return settledForMs >= sample.luck * sample.viewMs;
}

/**
 * For how long calls of any duration have been able to count; below 0 while they have not.
 *
 * Failures need not take as long as successes. Those that fail fast are the first to have met a new
 * streak, and those that hang have met it before it began. So nothing counts until a success that
 * began with the streak would have ended:
 *
 *     streak begins                      a success of its first moment ends
 *     |------ known ------ usualMs ------|
 *     fast failures end ......           now failures and successes end as often as they begin
 */
export function streakSettledForMs(
  current: ClosedCircuit,
  { usualMs }: Pick<Sample, 'usualMs'>,
  ctx: DecisionContext,
): number {
  if (!mustSettle(current, ctx)) return Infinity;
  const ageMs = distanceMs(current.streakStartedAtMs ?? -Infinity, ctx.nowMs);
  const { callTimeoutMs } = ctx.rules;
  // No success takes longer than the call timeout.
  const successMs = Math.min(usualMs ?? current.usualMs ?? callTimeoutMs, callTimeoutMs);
  return ageMs - successMs - KNOWN_AFTER_MS;
}

/**
 * Whether one success forgives all, a few failures in a row are what an outage looks like. They are
 * believed at once unless such streaks have turned out to be harmless lately.
 */
function mustSettle({ clearedAtMs, closedAtMs }: ClosedCircuit, ctx: DecisionContext): boolean {
  if (ctx.rules.failureRate < 1) return true;
  const isLate = (atMs = -Infinity) => distanceMs(atMs, ctx.nowMs) < CALM_MS;
  return isLate(clearedAtMs) || isLate(closedAtMs);
}

/** The distance counts, because the writer's clock may be ahead of ours. */
function distanceMs(atMs: number, nowMs: number): number {
  return Math.abs(nowMs - atMs);
}
