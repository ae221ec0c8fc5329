import type { Weakened } from '../test/support/weakened.ts';

interface Reason {
  readonly operations: readonly string[];
  readonly attribute: string;
  /** Of which kind the condition is; any kind if absent. */
  readonly is?: string;
  readonly why: string;
}

const OF_A_STREAK = ['countFailure', 'forgive', 'trip'];
const OF_A_PROBE = ['takeOverProbe', 'reportProbe', 'recover', 'reopen'];
const OF_REPORTS = ['openStreak', 'countFailure', 'forgive', 'clearStreak', 'countReports'];
const NOTHING_TO_RELEASE = 'without an override there is nothing to release, and no write';

/**
 * Conditions whose removal no schedule shows, and why. In none of them the item is deleted, after
 * which everything would be counted from the beginning.
 */
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
  {
    operations: OF_A_PROBE,
    attribute: 'generation',
    why: 'nobody owns a probe in two generations, and the condition on the owner asks for the same',
  },
  {
    operations: ['nextProbe'],
    attribute: 'probeOwner',
    why: 'a probe that began meanwhile was counted, and the condition on the count refuses it',
  },
  {
    operations: ['takeOverProbe'],
    attribute: 'probeOwner',
    why: 'a lease with the same end is over as well, whoever has it',
  },
  {
    operations: ['release'],
    attribute: 'generation',
    is: 'absent',
    why: NOTHING_TO_RELEASE,
  },
  {
    operations: ['release'],
    attribute: 'override',
    is: 'absent',
    why: NOTHING_TO_RELEASE,
  },
];

/** Why the removal of the condition cannot be found; undefined if it has to be. */
export function whyNotFound({ operation, attribute, is }: Weakened): string | undefined {
  return REASONS.find(
    (reason) =>
      reason.operations.includes(operation) &&
      reason.attribute === attribute &&
      (reason.is ?? is) === is,
  )?.why;
}
