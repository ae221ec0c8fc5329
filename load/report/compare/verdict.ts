/** What the figures of the phase with the fault support, by fixed rules; it can say that there is no difference. Pure. */
import { type Plan, SCENARIOS } from '../../plan.ts';
import { figure, percent, seconds } from '../format.ts';
import type { PhaseReport, Recovery, VariantReport, Verdict } from '../report.ts';

/** Below this factor two figures count as alike: that much two runs of the same variant may differ. */
const NOTABLE_FACTOR = 1.25;
/** Below this difference two latencies count as alike, whatever the factor: nobody notices. */
const NOTABLE_MS = 10;
/** Below this difference two shares count as alike. */
const NOTABLE_SHARE = 0.005;
/** Below this difference two recoveries count as alike: users ask every 1 to 2 s. */
const NOTABLE_SECONDS = 2;

export function verdictOf(
  plan: Plan,
  { v1, v2 }: { v1: VariantReport; v2: VariantReport },
): Verdict {
  const [a, b] = [v1.phases.fault, v2.phases.fault];
  return {
    headline: `${SCENARIOS[plan.scenario].circumstances}, ${served(a, b)}.`,
    detail: [latency(a, b), throughput(a, b), ...price(a, b), ...recovery(v1, v2)].join(' '),
  };
}

export const usefulShare = ({ outcomes }: PhaseReport): number =>
  outcomes.ok.share + outcomes.degraded.share;

function served(v1: PhaseReport, v2: PhaseReport): string {
  const [a, b] = [usefulShare(v1), usefulShare(v2)];
  if (Math.abs(a - b) < NOTABLE_SHARE) return `v1 and v2 served alike: ${amount(b)} got an answer`;
  return `v1 served ${amount(a)} and v2 served ${amount(b)}`;
}

export function amount(share: number): string {
  if (share === 0) return 'nobody';
  return share === 1 ? 'everybody' : `${percent(share)} of the requests`;
}

function throughput(v1: PhaseReport, v2: PhaseReport): string {
  const [a, b] = [v1.requestsPerSecond, v2.requestsPerSecond];
  if (areAlike(a, b)) return `Both handled about ${figure(b)} requests per second.`;
  return `v2 handled ${figure(b)} requests per second instead of ${figure(a)}.`;
}

function latency(v1: PhaseReport, v2: PhaseReport): string {
  const { median: a = Number.NaN, p99: a99 = Number.NaN } = v1.latencyMs ?? {};
  const { median: b = Number.NaN, p99: b99 = Number.NaN } = v2.latencyMs ?? {};
  if (v1.outcomes.failed.share > 0.5 && a < b) {
    return `v1 mostly failed, and that after ${seconds(a)} (median); v2 answered after ${seconds(b)}.`;
  }
  if (!areAlikeMs(a, b))
    return `v2 answered after ${seconds(b)} instead of ${seconds(a)} (medians).`;
  const both = `Both answered after about ${seconds(b)} (median)`;
  if (areAlikeMs(a99, b99)) return `${both}, and their slowest hundredth took about as long.`;
  return `${both}; the slowest hundredth took at least ${seconds(a99)} in v1 and ${seconds(b99)} in v2.`;
}

/** An open circuit also refuses calls that would have succeeded. */
function price(v1: PhaseReport, v2: PhaseReport): string[] {
  const [a, b] = [completePerSecond(v1), completePerSecond(v2)];
  if (b >= a || areAlike(a, b)) return [];
  return [`The price: ${figure(b)} complete answers per second instead of ${figure(a)}.`];
}

const completePerSecond = ({ outcomes, requestsPerSecond }: PhaseReport): number =>
  outcomes.ok.share * requestsPerSecond;

function recovery(v1: VariantReport, v2: VariantReport): string[] {
  const [a, b] = [v1.recovery.fullServiceSeconds, v2.recovery.fullServiceSeconds];
  if (a === null || b === null) return [];
  if (Math.max(a, b) < 1) return ['Afterwards both were in full service at once.'];
  if (Math.abs(a - b) < NOTABLE_SECONDS) {
    return [`Afterwards both were back in full service after about ${figure(Math.max(a, b))} s.`];
  }
  return [`Afterwards v2 was back in full service after ${figure(b)} s instead of ${figure(a)} s.`];
}

/** For a table: how long it took, or that it did not come. */
export const recoveryText = ({ fullServiceSeconds }: Recovery): string =>
  fullServiceSeconds === null ? 'never' : `${figure(fullServiceSeconds)} s`;

const areAlikeMs = (a: number, b: number): boolean =>
  areAlike(a, b) || Math.abs(a - b) < NOTABLE_MS;

const areAlike = (a: number, b: number): boolean =>
  Math.max(a, b) < Math.min(a, b) * NOTABLE_FACTOR;
