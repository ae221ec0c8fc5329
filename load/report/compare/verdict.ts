/** What the figures support, by fixed rules; it can say that there is no difference. Pure. */
import { type Plan, SCENARIOS } from '../../plan.ts';
import { factor, figure, percent, seconds, times } from '../format.ts';
import type { VariantReport, Verdict } from '../report.ts';

/** Below this factor two figures count as alike: that much two runs of the same variant may differ. */
const NOTABLE_FACTOR = 1.25;
/** And below this difference two shares do. */
const NOTABLE_SHARE = 0.005;

export function verdictOf(
  plan: Plan,
  { v1, v2 }: { v1: VariantReport; v2: VariantReport },
): Verdict {
  const rate = throughput(v1, v2);
  return {
    headline: `${SCENARIOS[plan.scenario].circumstances}, ${served(v1, v2)}.`,
    detail: [rate, latency(v1, v2, rate.startsWith('v2') ? 'It' : 'v2'), ...price(v1, v2)].join(
      ' ',
    ),
  };
}

export const usefulShare = ({ outcomes }: VariantReport) =>
  outcomes.ok.share + outcomes.degraded.share;

function served(v1: VariantReport, v2: VariantReport): string {
  const [a, b] = [usefulShare(v1), usefulShare(v2)];
  if (Math.abs(a - b) < NOTABLE_SHARE) return `v1 and v2 served alike: ${amount(b)} got an answer`;
  return `v1 served ${amount(a)} and v2 served ${amount(b)}`;
}

export function amount(share: number): string {
  if (share === 0) return 'nobody';
  return share === 1 ? 'everybody' : `${percent(share)} of the requests`;
}

function throughput(v1: VariantReport, v2: VariantReport): string {
  const [a, b] = [v1.requestsPerSecond, v2.requestsPerSecond];
  if (alike(a, b)) return `Both handled about ${figure(b)} requests per second.`;
  const compared = b > a ? `${factor(b / a)} as many as v1` : `fewer than v1's ${figure(a)}`;
  return `v2 handled ${figure(b)} requests per second, ${compared}.`;
}

function latency(v1: VariantReport, v2: VariantReport, subject: string): string {
  const [a, b] = [v1.latencyMs.median, v2.latencyMs.median];
  if (v1.outcomes.failed.share > 0.5 && a < b) {
    return `v1 mostly failed, and that after ${seconds(a)} (median); v2 answered after ${seconds(b)}.`;
  }
  if (!alike(a, b)) {
    return `${subject} answered after ${seconds(b)} where v1 took ${seconds(a)} (medians), ${times(a / b, 'sooner', 'later')}.`;
  }
  const [a99, b99] = [v1.latencyMs.p99, v2.latencyMs.p99];
  const both = `Both answered after about ${seconds(b)} (median)`;
  if (alike(a99, b99)) return `${both}, and their slowest hundredth took about as long.`;
  return `${both}; the slowest hundredth took at least ${seconds(a99)} in v1 and ${seconds(b99)} in v2.`;
}

/** An open circuit also refuses calls that would have succeeded. */
function price(v1: VariantReport, v2: VariantReport): string[] {
  const [a, b] = [completePerSecond(v1), completePerSecond(v2)];
  if (b >= a || alike(a, b)) return [];
  return [`The price: ${figure(b)} complete answers per second against ${figure(a)} of v1.`];
}

const completePerSecond = ({ outcomes, elapsedSeconds }: VariantReport) =>
  outcomes.ok.count / elapsedSeconds;

const alike = (a: number, b: number) => Math.max(a, b) < Math.min(a, b) * NOTABLE_FACTOR;
