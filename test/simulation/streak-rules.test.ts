import { describe, expect, test } from 'vitest';
import { scoreProblem } from '../../breaker/simulation/streak-rules.ts';

const RULES = { failureThreshold: 3, failureRate: 0.2 };
const NONE = { streakId: 4 };
const streak = (streakScore: number, streakReports = 1) => ({
  ...NONE,
  streakScore,
  streakReports,
});
const next = { ...streak(1), streakId: 5 };

describe('the watch over streaks, where a success takes 0.25', () => {
  test.each([
    ['a first streak', undefined, { ...next, streakId: 1 }],
    ['the next streak', NONE, next],
    ['the next in place of one that has run out', streak(2), next],
    ['a failure', streak(1), streak(2, 2)],
    ['a success', streak(1), streak(0.75, 2)],
    ['a success that leaves nothing', streak(0.25), streak(0, 2)],
    ['the end of what one success takes', streak(0.25), NONE],
    ['nothing', streak(1), streak(1)],
  ])('takes for right: %s', (_, before, after) => {
    expect(scoreProblem(before, after, RULES)).toBeUndefined();
  });

  test.each([
    ['a score below 0', streak(0.2), streak(-0.05, 2)],
    ['a score at the threshold', streak(2), streak(3, 2)],
    ['two failures at once', streak(0.5), streak(2.5, 2)],
    ['a failure that is not reported', streak(1), streak(2)],
    ['a report without effect', streak(1), streak(1, 2)],
    ['too much forgiven', streak(2), streak(1, 2)],
    ['the end of a score that one success does not take', streak(0.5), NONE],
    ['a streak that begins again', NONE, streak(1)],
    ['a streak that begins with two', NONE, { ...next, streakScore: 2 }],
    ['a streak that goes back', next, streak(1)],
    ['a streak that was left out', NONE, { ...next, streakId: 6 }],
  ])('sees: %s', (_, before, after) => {
    expect(scoreProblem(before, after, RULES)).toBeTypeOf('string');
  });
});
