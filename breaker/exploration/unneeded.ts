import type { Weakened } from '../test/support/weakened.ts';

interface Reason {
  readonly operations: readonly string[];
  readonly attribute: string;
  readonly why: string;
}

const OF_A_STREAK = ['countFailure', 'forgive', 'trip'];
const OF_REPORTS = ['openStreak', 'countFailure', 'forgive', 'clearStreak', 'countReports'];

/** Conditions whose removal no schedule shows, and why. */
const REASONS: readonly Reason[] = [
  {
    operations: OF_REPORTS,
    attribute: 'sampledSinceMs',
    why: 'keeps the measure of the demand, of which nothing is promised',
  },
  {
    operations: OF_A_STREAK,
    attribute: 'generation',
    why: 'a new generation has no score, and the condition on the score asks for one',
  },
  {
    operations: ['clearStreak', 'countReports'],
    attribute: 'generation',
    why: 'a new generation has no measure of the demand, and the condition on that asks for one',
  },
];

/** Why the removal of the condition cannot be found; undefined if it has to be. */
export function whyNotFound({ operation, attribute }: Weakened): string | undefined {
  return REASONS.find(
    (reason) => reason.operations.includes(operation) && reason.attribute === attribute,
  )?.why;
}
