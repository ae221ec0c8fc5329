/**
 * The phases as they were. Pure.
 *
 *     asked   in force                        asked   in force
 *  -----|--------|-----------------------------|--------|------> time
 *    both may    |<-- the phase of a fault ->| both may
 *    be met                                  half a second before: requests under way may meet both
 */
import { OUTCOMES } from '../../outcome.ts';
import { PHASE_KEYS, type PhaseKey, type Plan } from '../../plan.ts';
import type { Request } from '../raw/requests.ts';
import type { FaultSwitch, PhaseReport } from '../report.ts';
import { distribution } from '../statistics.ts';
import type { Span } from './span.ts';

/** From one moment, which belongs to it, to another, which does not. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export const isIn = ({ fromMs, toMs }: TimeWindow, atMs: number): boolean =>
  fromMs <= atMs && atMs < toMs;

/** A request takes less than this until it calls recommendations. */
const UNDER_WAY_MS = 500;

/** Throws when a phase was never begun: such a run has nothing to compare. */
export function phaseWindows(
  switches: readonly FaultSwitch[],
  { startedAtMs, elapsedSeconds }: Span,
): Record<PhaseKey, TimeWindow> {
  const [before, fault, after] = PHASE_KEYS.map((key) => find(switches, key));
  if (!before || !fault || !after) throw new Error('The run ended before its last phase began.');
  const endMs = startedAtMs + elapsedSeconds * 1000;
  return {
    before: { fromMs: startedAtMs, toMs: fault.askedAtMs - UNDER_WAY_MS },
    fault: { fromMs: fault.inForceAtMs, toMs: after.askedAtMs - UNDER_WAY_MS },
    after: { fromMs: after.inForceAtMs, toMs: Math.max(endMs, after.inForceAtMs + 1) },
  };
}

const find = (switches: readonly FaultSwitch[], key: PhaseKey): FaultSwitch | undefined =>
  switches.find(({ phase }) => phase === key);

interface PhaseInput {
  readonly phase: Plan['phases'][PhaseKey];
  readonly window: TimeWindow;
  /** All of the run. */
  readonly requests: readonly Request[];
  readonly startedAtMs: number;
}

export function describePhase({ phase, window, requests, startedAtMs }: PhaseInput): PhaseReport {
  const own = requests.filter(({ sentAtMs }) => isIn(window, sentAtMs));
  const phaseSeconds = (window.toMs - window.fromMs) / 1000;
  const outcomes = countOutcomes(own);
  const useful = outcomes.ok.count + outcomes.degraded.count;
  return {
    name: phase.name,
    fault: phase.fault,
    fromSeconds: (window.fromMs - startedAtMs) / 1000,
    toSeconds: (window.toMs - startedAtMs) / 1000,
    requests: own.length,
    outcomes,
    statuses: countStatuses(own),
    requestsPerSecond: own.length / phaseSeconds,
    usefulRequestsPerSecond: useful / phaseSeconds,
    latencyMs: distribution(own.map(({ latencyMs }) => latencyMs)) ?? null,
  };
}

function countOutcomes(requests: readonly Request[]): PhaseReport['outcomes'] {
  const [ok, degraded, failed] = OUTCOMES.map((outcome) => {
    const count = requests.filter((request) => request.outcome === outcome).length;
    return { count, share: requests.length > 0 ? count / requests.length : 0 };
  });
  if (!ok || !degraded || !failed) throw new Error('An outcome is not counted.');
  return { ok, degraded, failed };
}

function countStatuses(requests: readonly Request[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of requests) {
    const name = String(status ?? 'none');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
