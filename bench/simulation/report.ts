import { FAST_FAILURE_MS, USUAL_ANSWERS } from '../../breaker/simulation/downstream.ts';
import type { Policy } from '../../breaker/simulation/policy.ts';
import {
  MAX_REPLICA_LAG_MS,
  READ_UNITS_PER_S,
  WRITE_UNITS_PER_S,
} from '../../breaker/simulation/shared-item.ts';
import { LATENCY_MS } from '../../breaker/simulation/store-conditions.ts';
import { COLD_START_MS } from '../../breaker/simulation/world.ts';
import { DEFINITIONS, type Figure, type Figures, isOutage, median } from './figures.ts';
import type { Scenario } from './scenario.ts';

/** The runs of one policy in one case, by seed. */
export interface Sample {
  readonly case: string;
  readonly policy: Policy;
  readonly runs: readonly Figures[];
}

export interface BoundCheck {
  readonly case: string;
  readonly policy: string;
  readonly figure: Figure;
  readonly median: number;
  readonly atMost: number;
  readonly isMet: boolean;
}

/** A figure in which a comparison policy does better than this breaker does by default. */
export interface Advantage {
  readonly case: string;
  readonly policy: string;
  readonly figure: Figure;
  readonly median: number;
  readonly ours: number;
}

/** What is kept of a table, as JSON. */
export interface ScenarioReport {
  readonly scenario: string;
  readonly title: string;
  readonly seeds: readonly number[];
  readonly rows: readonly {
    readonly case: string;
    readonly policy: string;
    readonly medians: Partial<Figures>;
    readonly runs: readonly Partial<Figures>[];
  }[];
  readonly bounds: readonly BoundCheck[];
  readonly advantages: readonly Advantage[];
}

/** A scenario with more cases than this has them as rows. */
const MAX_CASES_ACROSS = 6;

const HEADINGS: Readonly<Record<Figure, string>> = {
  leaked: 'leaked',
  probes: 'probes',
  callsInOutage: 'calls',
  tripMs: 'trip ms',
  callerP95Ms: 'p95 ms',
  coldStarts: 'cold',
  missed: 'missed',
  waitedPercent: 'waited %',
  neverOpened: 'shut never',
  mostOfOne: 'of one',
  missedPercent: 'missed %',
  trips: 'trips',
  trippedAfterMs: 'tripped ms',
  unservedPercent: 'unserved %',
  refusedPercent: 'refused %',
  readsPer1000: 'reads',
  writesPer1000: 'writes',
  throttled: 'throttled',
  writesPerS: 'writes/s',
  leakedUntilMs: 'leaked until ms',
  refusedUntilMs: 'refused until ms',
  peakWritesPerS: 'peak/s',
};

export function summarise(
  scenario: Scenario,
  seeds: readonly number[],
  samples: readonly Sample[],
): ScenarioReport {
  const only = (of: (figure: Figure) => number) =>
    Object.fromEntries(scenario.figures.map((figure) => [figure, of(figure)]));
  return {
    scenario: scenario.name,
    title: scenario.title,
    seeds,
    rows: samples.map((sample) => ({
      case: sample.case,
      policy: sample.policy.name,
      medians: only((figure) => medianOf(sample, figure)),
      runs: sample.runs.map((run) => only((figure) => run[figure])),
    })),
    bounds: checkBounds(scenario, samples),
    advantages: findAdvantages(scenario, samples),
  };
}

function checkBounds({ bounds, cases }: Scenario, samples: readonly Sample[]): BoundCheck[] {
  const ours = samples.filter(({ policy }) => policy.isWatched && !policy.isUnbounded);
  const baselineOf = ({ policy, ...sample }: Sample) => {
    const { baseline } = cases.find(({ label }) => label === sample.case) ?? {};
    return ours.find((other) => other.case === baseline && other.policy === policy);
  };
  return bounds.flatMap(({ figure, atMost, of, isRelative = false, where = '' }) =>
    ours.flatMap((sample) => {
      if (!sample.case.includes(where)) return [];
      if (of && !of.includes(sample.policy)) return [];
      const baseline = isRelative ? baselineOf(sample) : undefined;
      if (isRelative && !baseline) return [];
      const limit = baseline ? atMost * medianOf(baseline, figure) : atMost;
      const value = medianOf(sample, figure);
      const { name } = sample.policy;
      const isMet = value <= limit;
      return { case: sample.case, policy: name, figure, median: value, atMost: limit, isMet };
    }),
  );
}

function findAdvantages({ figures, cases }: Scenario, samples: readonly Sample[]): Advantage[] {
  return samples.flatMap((sample) => {
    const own = samples.find((other) => other.case === sample.case && other.policy.isWatched);
    if (!own || sample.policy.isWatched) return [];
    return figures
      .map((figure) => ({
        case: sample.case,
        policy: sample.policy.name,
        figure,
        median: medianOf(sample, figure),
        ours: medianOf(own, figure),
      }))
      .filter((entry) => isTelling(entry.figure, sample, cases) && entry.median < entry.ours);
  });
}

/** More probes are not worse, nor are more refusals by a downstream that fails. */
function isTelling(figure: Figure, sample: Sample, cases: Scenario['cases']): boolean {
  const world = cases.find(({ label }) => label === sample.case)?.world;
  if (figure === 'refusedPercent') return world !== undefined && !world.phases.some(isOutage);
  return figure !== 'probes';
}

/** The table of medians; of the first figure also the least and the most. */
export function renderTable(scenario: Scenario, samples: readonly Sample[]): string {
  return scenario.cases.length > MAX_CASES_ACROSS
    ? renderCasesDown(scenario, samples)
    : renderCasesAcross(scenario, samples);
}

function renderCasesDown(scenario: Scenario, samples: readonly Sample[]): string {
  const { figures, cases, policies } = scenario;
  const columns = policies.flatMap((policy) =>
    figures.map((figure, i) => ({ policy, figure, name: i === 0 ? policy.name : '' })),
  );
  const rows = cases.map(({ label }) => [
    label,
    ...columns.map(({ policy, figure }) => {
      const sample = samples.find((s) => s.policy === policy && s.case === label);
      return sample ? cell(sample, figure, false) : '';
    }),
  ]);
  const names = ['', ...columns.map(({ name }) => name)];
  const headings = ['', ...columns.map(({ figure }) => HEADINGS[figure])];
  return alignColumns([names, headings, ...rows]);
}

function renderCasesAcross(scenario: Scenario, samples: readonly Sample[]): string {
  const { figures, cases, policies } = scenario;
  const columns = cases.flatMap(({ label }) =>
    figures.map((figure) => ({ label, figure, isRanged: figure === figures[0] })),
  );
  const rows = policies.map((policy) => [
    policy.name,
    ...columns.map(({ label, figure, isRanged }) => {
      const sample = samples.find((s) => s.policy === policy && s.case === label);
      return sample ? cell(sample, figure, isRanged) : '';
    }),
  ]);
  const labels = ['', ...columns.map(({ label, isRanged }) => (isRanged ? label : ''))];
  const headings = ['', ...columns.map(({ figure }) => HEADINGS[figure])];
  const hasLabels = labels.some((label) => label !== '');
  return alignColumns([...(hasLabels ? [labels] : []), headings, ...rows]);
}

/** One line for each bound that is not met, and one for each policy that meets it in all cases. */
export function renderBounds(bounds: readonly BoundCheck[]): string[] {
  const groups = Object.groupBy(bounds, ({ policy, figure }) => `${policy} ${figure}`);
  return Object.values(groups).flatMap((group = []) => {
    const unmet = group.filter(({ isMet }) => !isMet);
    if (unmet.length > 0) return unmet.map(renderBound);
    const tightest = group.toSorted((a, b) => b.median / b.atMost - a.median / a.atMost)[0];
    return tightest ? [renderBound(tightest)] : [];
  });
}

function renderBound({ isMet, policy, figure, median, atMost, ...check }: BoundCheck): string {
  const where = check.case ? ` at ${check.case}` : '';
  const claim = `${HEADINGS[figure]} ${format(median)}, at most ${format(atMost)}`;
  return `${isMet ? 'met' : 'NOT MET'}: ${policy}${where}: ${claim}`;
}

/** One line for each figure and case; where there are many cases, one for each figure. */
export function renderAdvantages({ cases }: Scenario, advantages: readonly Advantage[]): string[] {
  const areMany = cases.length > MAX_CASES_ACROSS;
  const groups = Object.groupBy(advantages, (a) => `${a.figure} ${areMany ? '' : a.case}`);
  return Object.values(groups).flatMap((group = []) => {
    const [first] = group;
    if (!first) return [];
    return [
      areMany ? renderCounts(first.figure, group, cases.length) : renderFigures(first, group),
    ];
  });
}

function renderFigures(first: Advantage, group: readonly Advantage[]): string {
  const others = group.map(({ policy, median }) => `${policy} ${format(median)}`).join(', ');
  const where = first.case ? ` at ${first.case}` : '';
  return `${HEADINGS[first.figure]} ${format(first.ours)}${where}: ${others}`;
}

function renderCounts(figure: Figure, group: readonly Advantage[], cases: number): string {
  const byPolicy = Object.entries(Object.groupBy(group, ({ policy }) => policy));
  const counts = byPolicy.map(([policy, own = []]) => `${policy} in ${own.length}`).join(', ');
  return `${HEADINGS[figure]}, of ${cases} cases: ${counts}`;
}

/** What the tables mean: the world they were made in, and each of their figures. */
export function renderPreface(): string {
  const rows = Object.entries(DEFINITIONS) as [Figure, string][];
  const world = [
    `An instance serves one request at a time; requests arrive at random (Poisson) and go to any`,
    `idle instance; a new one takes ${COLD_START_MS} ms to start. A healthy answer takes ${USUAL_ANSWERS.medianMs} ms (median), a`,
    `fast failure ${FAST_FAILURE_MS.join(' to ')} ms. The item answers in ${LATENCY_MS.join(' to ')} ms, and bears ${WRITE_UNITS_PER_S} writes and`,
    `${READ_UNITS_PER_S * 2} eventually consistent reads a second; these may show it up to ${MAX_REPLICA_LAG_MS} ms old. The first`,
    `open period is 10 s for all; this breaker doubles it up to 30 s, read-modify-write up to 60 s.`,
    `Figures are medians over the seeds; of each table's first one also [least-most].`,
  ];
  const definitions = rows.map(([figure, text]) => `  ${HEADINGS[figure].padEnd(10)} ${text}`);
  return [...world, '', ...definitions].join('\n');
}

function cell(sample: Sample, figure: Figure, isRanged: boolean): string {
  const values = sample.runs.map((run) => run[figure]);
  const middle = format(median(values));
  if (!isRanged || values.length < 2) return middle;
  const [least, most] = [Math.min(...values), Math.max(...values)].map(format);
  return least === most ? middle : `${middle} [${least}-${most}]`;
}

function medianOf({ runs }: Sample, figure: Figure): number {
  return median(runs.map((run) => run[figure]));
}

function format(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Number.isInteger(value) || Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) < 10 ? 2 : 1);
}

function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row.map((text, i) => (i ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[0] ?? 0))),
    )
    .map((row) => `  ${row.join('  ')}`.trimEnd())
    .join('\n');
}
