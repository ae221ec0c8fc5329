import type { Item } from 'fleet-breaker';

/** What a circuit's rules say of a streak. */
export interface StreakRules {
  readonly failureThreshold: number;
  readonly failureRate: number;
}

/** Beyond what rounding to three decimals may have done to a score. */
const TOLERANCE = 0.001;

/** What is wrong with a change of a closed circuit within its generation, if anything. */
export function scoreProblem(
  before: Item | undefined,
  after: Item,
  { failureThreshold, failureRate }: StreakRules,
): string | undefined {
  const [was, is] = [streakOf(before), streakOf(after)];
  const forgiven = failureRate / (1 - failureRate);
  if (is.score !== undefined && is.score < 0) return `a score of ${is.score}`;
  if (is.score !== undefined && is.score >= failureThreshold)
    return `a score of ${is.score}, and no trip`;
  if (is.id !== was.id)
    return isNew(is, was) ? undefined : `streak ${was.id} streak ${is.id}, from score ${is.score}`;
  if (is.score === undefined)
    return (was.score ?? 0) <= forgiven + TOLERANCE
      ? undefined
      : `a score of ${was.score} nothing by one success`;
  if (was.score === undefined) return `streak ${is.id} begin again`;
  const change = is.score - was.score;
  const reports = is.reports - was.reports;
  if (reports === 0 && change === 0) return undefined;
  const isOneResult = reports === 1 && (change === 1 || isAbout(change, -forgiven));
  return isOneResult ? undefined : `a score change by ${change} in ${reports} reports`;
}

/** Undefined where no streak is open. */
export function scoreOf(item: Item | undefined): number | undefined {
  return item?.streakScore === undefined ? undefined : Number(item.streakScore);
}

type Streak = ReturnType<typeof streakOf>;

function streakOf(item: Item | undefined) {
  return {
    id: Number(item?.streakId ?? 0),
    score: scoreOf(item),
    reports: Number(item?.streakReports ?? 0),
  };
}

function isNew(is: Streak, was: Streak): boolean {
  return is.id === was.id + 1 && is.score === 1 && is.reports === 1;
}

function isAbout(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= TOLERANCE;
}
