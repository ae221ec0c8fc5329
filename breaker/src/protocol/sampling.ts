/**
 * Sampling: which calls report, so that the item's reads and writes stay bounded at any rate.
 *
 * Successes and failures are thinned alike, so the score's steps are as without; they only come
 * later. The item keeps how many reports there would be without sampling (docs/adr/0008).
 */
import type { Circuit, ClosedCircuit } from './circuit.ts';
import type { Changes } from './conditional-write.ts';

/** As many reports a second are let through, from the whole fleet. */
const REPORTS_PER_S = 100;
/** The demand is measured over at least this time, so that a few reports at once are no flood. */
const LEAST_AGE_MS = 1_000;
/** A measurement this old is carried on as one of `LEAST_AGE_MS`. */
const RENEWED_AGE_MS = 3_000;
/** A measurement this old says nothing any more. */
const FORGOTTEN_AGE_MS = 10_000;

/** One in so many calls reports. 1 unless there was a flood of reports lately. */
export function sampledOneIn(circuit: Circuit, nowMs: number): number {
  if (circuit.state !== 'CLOSED') return 1;
  const { sampledCalls = 0 } = circuit;
  const ageMs = sampleAgeMs(circuit, nowMs);
  if (ageMs >= FORGOTTEN_AGE_MS) return 1;
  const callsPerS = (sampledCalls / Math.max(ageMs, LEAST_AGE_MS)) * 1_000;
  return Math.max(1, Math.ceil(callsPerS / REPORTS_PER_S));
}

/** A report that may stand for others (settle.ts). */
interface Sampled {
  /** A number in [0, 1), drawn for the call. */
  readonly luck: number;
  /** How many calls it stands for. */
  readonly calls: number;
}

/**
 * The report as one of a sample of one in `oneIn`, or of the smaller one that it belongs to already.
 * Undefined if it does not belong to the sample: another stands for it.
 */
export function sampled<R extends Sampled>(report: R, oneIn: number): R | undefined {
  if (oneIn <= report.calls) return report;
  const luck = (report.luck / report.calls) * oneIn;
  return luck < 1 ? { ...report, luck, calls: oneIn } : undefined;
}

/** What a report that stands for `calls` of them makes of the measured demand. */
export function countedSample(
  current: ClosedCircuit,
  calls: number,
  nowMs: number,
): { readonly set: Changes; readonly add: { readonly sampledCalls?: number } } {
  const { sampledCalls = 0 } = current;
  const ageMs = sampleAgeMs(current, nowMs);
  if (ageMs < RENEWED_AGE_MS) return { set: {}, add: { sampledCalls: calls } };
  const isForgotten = ageMs >= FORGOTTEN_AGE_MS;
  const carried = isForgotten ? 0 : Math.round((sampledCalls / ageMs) * LEAST_AGE_MS);
  const sinceMs = isForgotten ? nowMs : nowMs - LEAST_AGE_MS;
  return { set: { sampledCalls: carried + calls, sampledSinceMs: sinceMs }, add: {} };
}

/** The distance counts, because the writer's clock may be ahead of ours. */
function sampleAgeMs({ sampledSinceMs = -Infinity }: ClosedCircuit, nowMs: number): number {
  return Math.abs(nowMs - sampledSinceMs);
}
