/** raw -> measure -> compare -> render -> the files of a comparison. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../plan.ts';
import { compare } from './compare/compare.ts';
import { measure } from './measure/measure.ts';
import { transitionsSeen, watchEndIn } from './raw/circuit-sightings.ts';
import { parseLogs } from './raw/logs.ts';
import { type Raw, readRaw, readRun } from './raw/recording.ts';
import { joinRequests } from './raw/requests.ts';
import { comparisonPage, variantPage } from './render/page.ts';
import type { Report, Variant, VariantReport } from './report.ts';

export const REPORT_FILES = [
  'comparison_report.json',
  'comparison.html',
  'results_v1.html',
  'results_v2.html',
] as const;

/** The report of what a run has recorded. */
export async function readReport(directory: string): Promise<Report> {
  const run = await readRun(directory);
  const [v1, v2] = await Promise.all([
    readRaw(directory, 'v1').then((raw) => examine('v1', run.plan, raw)),
    readRaw(directory, 'v2').then((raw) => examine('v2', run.plan, raw)),
  ]);
  return compare({
    run,
    variants: { v1: v1.report, v2: v2.report },
    caveats: [...v1.caveats, ...v2.caveats],
  });
}

export async function writeReport(directory: string): Promise<Report> {
  const report = await readReport(directory);
  const files: Record<(typeof REPORT_FILES)[number], string> = {
    'comparison_report.json': `${JSON.stringify(report, null, 2)}\n`,
    'comparison.html': await comparisonPage(report),
    'results_v1.html': await variantPage(report, 'v1'),
    'results_v2.html': await variantPage(report, 'v2'),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return report;
}

interface Examined {
  readonly report: VariantReport;
  /** Where the recorded sources disagree or have a gap. */
  readonly caveats: readonly string[];
}

function examine(variant: Variant, plan: Plan, raw: Raw): Examined {
  const { requests, unanswered } = joinRequests(raw.events);
  const logs = raw.streams && parseLogs(raw.streams);
  const counted = raw.artillery.aggregate.counters['http.requests'] ?? 0;
  const logged = requests.length + unanswered;
  const unfinished = logs?.unfinished ?? 0;
  const untimed = logs?.invocations.filter(({ startedAtMs }) => startedAtMs === undefined) ?? [];
  const watchEnd = watchEndIn(raw.circuitSightings);
  const gaps: [boolean, string][] = [
    [
      watchEnd !== undefined,
      `The circuit was followed until ${new Date(watchEnd?.endedAtMs ?? 0).toISOString()} only: ${watchEnd?.words}`,
    ],
    [counted !== logged, `Artillery counted ${counted} requests, the request log holds ${logged}.`],
    [
      unanswered > 0,
      `${unanswered} requests had no answer when Artillery ended; they are not counted.`,
    ],
    [
      unfinished > 0,
      `${unfinished} invocations had not ended when the logs were taken; they are not counted.`,
    ],
    [
      untimed.length > 0,
      `${untimed.length} invocations have no time in the logs; they are not counted.`,
    ],
  ];
  return {
    report: measure({
      variant,
      plan,
      requests,
      faultSwitches: raw.faultSwitches,
      logs,
      watched: transitionsSeen(raw.circuitSightings),
    }),
    caveats: gaps.flatMap(([is, text]) => (is ? [`${variant}: ${text}`] : [])),
  };
}
