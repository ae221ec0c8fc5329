/** From two variants to one report. Pure: the same input gives the same report. */

import { PRICES } from '../measure/prices.ts';
import type { Comparison, Report, Run, Variant, VariantReport } from '../report.ts';
import { concurrencyNeed } from './little.ts';
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
    prices: PRICES,
    caveats: [...caveatsOf(run, variants), ...caveats],
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

/** What somebody who quotes the figures has to know. */
function caveatsOf({ plan }: Run, { v1, v2 }: Report['variants']): string[] {
  const { users, loadSeconds, hangMs } = plan;
  const initialState = v2.circuit?.bands[0]?.state ?? 'CLOSED';
  const localDecisions = v2.circuit?.localDecisions ?? 0;
  const rules: readonly [boolean, string][] = [
    [
      plan.profile === 'quick',
      `Quick profile: ${users} users for ${loadSeconds} s, and a hanging call hangs for ${hangMs / 1000} s only. ` +
        'The full run shows the real hang of 30 s: npm run demo.',
    ],
    [
      !v1.fleet || !v2.fleet,
      'The logs of the functions were out of reach: what comes from them is left out ' +
        '(calls that reached recommendations, busy environments, cold starts, table operations, cost).',
    ],
    [initialState !== 'CLOSED', `The circuit was ${initialState} already when the load started.`],
    [
      localDecisions > 0,
      `${localDecisions} times an instance of v2 could not reach the table in time and decided for itself; ` +
        'a machine that is busy with other work is the usual reason.',
    ],
    [lostConnections(v1) > 0, `v1: ${lost(v1)}`],
    [lostConnections(v2) > 0, `v2: ${lost(v2)}`],
  ];
  return rules.flatMap(([applies, text]) => (applies ? [text] : []));
}

const lostConnections = ({ statuses }: VariantReport): number => statuses.none ?? 0;

const lost = (variant: VariantReport): string =>
  `${lostConnections(variant)} connections failed; a user whose connection fails asks no more.`;
