import { meanCallsToTrip, type TripRule } from './chain.ts';

export const RULES: readonly TripRule[] = [
  { failureRate: 0.5, failureThreshold: 5 },
  { failureRate: 0.5, failureThreshold: 10 },
  { failureRate: 0.5, failureThreshold: 20 },
  { failureRate: 0.2, failureThreshold: 10 },
  { failureRate: 1, failureThreshold: 5 },
];
const PERCENTS = [1, 5, 10, 20, 30, 40, 50, 60, 70, 100];

/** Above this a number stands for "never". */
const NEVER = 1e16;
const MAX_DIGITS = 1e4;

/** The lines of a Markdown table: a row for each rule, a column for each share of failures. */
export function tableOf(rules: readonly TripRule[]): string[] {
  const rows = rules.map((rule) => {
    const means = PERCENTS.map((percent) => meanCallsToTrip(rule, percent / 100));
    return row([nameOf(rule), ...means.map(rounded)]);
  });
  return [
    row(['of the calls fail', ...PERCENTS.map((percent) => `${percent} %`)]),
    row(['---', ...PERCENTS.map(() => '--:')]),
    ...rows,
  ];
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function nameOf({ failureRate, failureThreshold }: TripRule): string {
  return `${failureRate} and ${failureThreshold}`;
}

/** One digit of what is large. */
function rounded(mean: number): string {
  if (mean > NEVER) return '>1e16';
  return mean < MAX_DIGITS ? mean.toFixed(0) : mean.toExponential(0).replace('+', '');
}
