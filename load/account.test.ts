import { expect, test } from 'vitest';
import { accountProblem } from './account.ts';
import { planFor } from './plan.ts';

const plan = (profile: 'full' | 'quick') => planFor({ profile, scenario: 'outage', target: 'aws' });
const account = (concurrency: number) => ({ region: 'eu-west-1', concurrency });

test.each([
  ['full', 1_000, undefined],
  ['full', 260, undefined],
  ['full', 259, 'Lambda may run 259 executions at once in eu-west-1, and this load needs 260.'],
  ['quick', 104, undefined],
  ['quick', 10, 'Lambda may run 10 executions at once in eu-west-1, and this load needs 104.'],
] as const)('the %s load in an account of %i executions: %s', (profile, concurrency, words) => {
  const problem = accountProblem(plan(profile), account(concurrency));
  if (words) expect(problem).toContain(words);
  else expect(problem).toBeUndefined();
});
