/** From two variants to one report. Pure: the same input gives the same report. */
import { PRICES } from '../measure/prices.ts';
import type { Report, Run, Variant, VariantReport } from '../report.ts';
import { concurrencyNeed } from './little.ts';
import { verdictOf } from './verdict.ts';

interface Input {
  readonly run: Run;
  readonly variants: Readonly<Record<Variant, VariantReport>>;
  readonly caveats: readonly string[];
}

export function compare({ run, variants, caveats }: Input): Report {
  const { v1, v2 } = variants;
  return {
    schemaVersion: 2,
    run,
    verdict: verdictOf(run.plan, variants),
    variants,
    concurrencyNeed: concurrencyNeed({ v1: v1.fleet, v2: v2.fleet }),
    prices: PRICES,
    caveats: [...caveatsOf(run, variants), ...caveats],
  };
}

/** What somebody who quotes the figures has to know. */
function caveatsOf({ plan, target }: Run, { v1, v2 }: Report['variants']): string[] {
  const { users, hangMs } = plan;
  const faultSeconds = plan.phases.after.fromSeconds - plan.phases.fault.fromSeconds;
  const initialState = v2.circuit?.bands[0]?.state ?? 'CLOSED';
  const localDecisions = v2.circuit?.localDecisions ?? 0;
  const rules: readonly [boolean, string][] = [
    [
      plan.profile === 'quick',
      `Quick profile: ${users} users, ${faultSeconds} s of outage, and a hanging call hangs for ` +
        `${hangMs / 1000} s only. The full run shows the real hang of 30 s: npm run demo.`,
    ],
    [
      !v1.fleet || !v2.fleet,
      'The logs of the functions were out of reach: what comes from them is left out ' +
        '(calls that reached recommendations, busy environments, cold starts, table operations, cost).',
    ],
    [
      target !== 'local',
      'v2 was loaded after v1 on the same deployment: the product and recommendations functions were warm already, ' +
        'and v1 has paid for their cold starts.',
    ],
    [initialState !== 'CLOSED', `The circuit was ${initialState} already when the load started.`],
    [
      localDecisions > 0,
      `${localDecisions} times an instance of v2 could not reach the table in time and decided for itself; ` +
        'a machine that is busy with other work is the usual reason.',
    ],
    ...perVariant('v1', v1),
    ...perVariant('v2', v2),
  ];
  return rules.flatMap(([applies, text]) => (applies ? [text] : []));
}

function perVariant(name: Variant, { phases, recovery }: VariantReport): [boolean, string][] {
  const lost = Object.values(phases).reduce((sum, { statuses }) => sum + (statuses.none ?? 0), 0);
  return [
    [lost > 0, `${name}: ${lost} connections failed; a user whose connection fails asks no more.`],
    [
      recovery.fullServiceSeconds === null,
      `${name}: the run ended before everybody was served again.`,
    ],
  ];
}
