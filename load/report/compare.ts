/** From two variants to one report. Pure: the same input gives the same report. */
import { concurrencyNeed } from './little.ts';
import { prices } from './prices.ts';
import type { Comparison, Report, Run, Variant, VariantReport } from './report.ts';
import { verdictOf } from './verdict.ts';

interface Input {
  readonly run: Run;
  readonly variants: Readonly<Record<Variant, VariantReport>>;
  readonly caveats: readonly string[];
}

export function compare({ run, variants, caveats }: Input): Report {
  return {
    schemaVersion: 1,
    run,
    verdict: verdictOf(run.plan, variants),
    variants,
    comparison: ratios(variants),
    prices,
    caveats: [...caveatsOf(run), ...caveats],
  };
}

function ratios({ v1, v2 }: Report['variants']): Comparison {
  return {
    requestsPerSecondRatio: ratio(v2.requestsPerSecond, v1.requestsPerSecond),
    usefulRequestsPerSecondRatio: ratio(v2.usefulRequestsPerSecond, v1.usefulRequestsPerSecond),
    latencyMeanRatio: ratio(v1.latencyMs.mean, v2.latencyMs.mean),
    latencyMedianRatio: ratio(v1.latencyMs.median, v2.latencyMs.median),
    costRatio:
      v1.fleet && v2.fleet && ratio(v1.fleet.costPerMillion.total, v2.fleet.costPerMillion.total),
    concurrency: concurrencyNeed({ v1: v1.fleet, v2: v2.fleet }),
  };
}

const ratio = (a: number, b: number) => (b > 0 ? a / b : null);

function caveatsOf({ plan }: Run): string[] {
  if (plan.profile === 'full') return [];
  const { users, loadSeconds, hangMs } = plan;
  return [
    `Quick profile: ${users} users for ${loadSeconds} s, and recommendations hang for ${hangMs / 1000} s only. ` +
      'The full run shows the real 30 s hang: npm run demo.',
  ];
}
