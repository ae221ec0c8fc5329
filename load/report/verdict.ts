/** What the figures support, by fixed rules; it can say that there is no difference. Pure. */
import { type Plan, scenarios } from '../plan.ts';
import { factor, figure, percent, seconds } from './format.ts';
import type { VariantReport } from './report.ts';

export interface Verdict {
  /** Who was served. */
  readonly headline: string;
  /** How much and how fast. */
  readonly detail: string;
}

/** Below this factor two figures count as alike: that much two runs of the same variant may differ. */
const notableFactor = 1.25;
/** And below this difference two shares do. */
const notableShare = 0.005;

export function verdictOf(
  plan: Plan,
  { v1, v2 }: { v1: VariantReport; v2: VariantReport },
): Verdict {
  return {
    headline: `${scenarios[plan.scenario].circumstances}, ${served(v1, v2)}.`,
    detail: `${throughput(v1, v2)} ${latency(v1, v2)}`,
  };
}

const usefulShare = ({ outcomes }: VariantReport) => outcomes.ok.share + outcomes.degraded.share;

function served(v1: VariantReport, v2: VariantReport): string {
  const [a, b] = [usefulShare(v1), usefulShare(v2)];
  if (Math.abs(a - b) < notableShare) return `v1 and v2 served alike: ${amount(b)} got an answer`;
  return `v1 served ${amount(a)} and v2 served ${amount(b)}`;
}

function amount(share: number): string {
  if (share === 0) return 'nobody';
  return share === 1 ? 'everybody' : `${percent(share)} of the requests`;
}

function throughput(v1: VariantReport, v2: VariantReport): string {
  const [a, b] = [v1.requestsPerSecond, v2.requestsPerSecond];
  if (alike(a, b)) return `Both handled about ${figure(b)} requests per second.`;
  const compared = b > a ? `${factor(b / a)} as many as v1` : `fewer than v1's ${figure(a)}`;
  return `v2 handled ${figure(b)} requests per second, ${compared}.`;
}

function latency(v1: VariantReport, v2: VariantReport): string {
  const [a, b] = [v1.latencyMs.median, v2.latencyMs.median];
  if (alike(a, b)) return `Both answered after about ${seconds(b)} (median).`;
  const word = b < a ? 'sooner' : 'later';
  return `It answered after ${seconds(b)} where v1 took ${seconds(a)} (medians), ${factor(Math.max(a / b, b / a))} ${word}.`;
}

const alike = (a: number, b: number) => Math.max(a, b) < Math.min(a, b) * notableFactor;
