import { expect, test } from 'vitest';
import type { AccountFacts } from './account-facts.ts';
import { advice, cdkArguments, refusal, stageOf } from './deployment.ts';

const facts: AccountFacts = {
  region: 'eu-west-1',
  concurrency: 1_000,
  unreserved: 1_000,
  apiLogRoleArn: '',
};
const othersRole = 'arn:aws:iam::123456789012:role/their-api-logs';
const DECIDED = ['-c', 'setApiLogRole=true'];
const ownRole = 'arn:aws:iam::123456789012:role/fleet-breaker-demo-ApiLogsRoleE109DDB0-x';

test.each([
  [[], 'demo'],
  [['-c', 'stage=live'], 'live'],
  [['-cstage=live'], 'live'],
  [['--context=stage=live'], 'live'],
  [['--context', 'stage=canary', '-c', 'stage=live'], 'live'],
  [['-c', 'openMs=1', 'stage=live'], 'demo'],
])('the stage of %j is %s', (args, stage) => {
  expect(stageOf(args)).toBe(stage);
});

test.each([
  [[], 'cdk-outputs.json'],
  [['-c', 'stage=live'], 'cdk-outputs-live.json'],
])('the outputs of a deployment with %j are kept in %s', (args, file) => {
  expect(cdkArguments('deploy', args, facts)).toEqual([
    ...['deploy', ...args, '--outputs-file', file],
  ]);
});

test.each([[['--outputs-file', 'x.json']], [['--outputs-file=x.json']], [['-O', 'x.json']]])(
  'an outputs file that was named (%j) is not named again',
  (args) => {
    expect(cdkArguments('deploy', args, facts)).toEqual(['deploy', ...args]);
  },
);

test('only a deployment writes outputs', () => {
  expect(cdkArguments('diff', [], facts)).toEqual(['diff']);
  expect(cdkArguments('destroy', ['-c', 'stage=live'], facts)).toEqual([
    ...['destroy', '-c', 'stage=live'],
  ]);
});

test.each<[string, AccountFacts | undefined, string[], boolean]>([
  ['is nobody', facts, [], false],
  ['is somebody else', { ...facts, apiLogRoleArn: othersRole }, [], true],
  ['is this stack', { ...facts, apiLogRoleArn: ownRole }, [], false],
  ['is the demo', { ...facts, apiLogRoleArn: ownRole }, ['-c', 'stage=live'], true],
  [
    'is somebody else, but a person decides',
    { ...facts, apiLogRoleArn: othersRole },
    DECIDED,
    false,
  ],
  ['is not known', undefined, [], false],
])('whose role API Gateway logs with %s: it is left alone or not', (_, known, args, isLeft) => {
  const added = cdkArguments('diff', args, known).includes('setApiLogRole=false');
  expect(added).toBe(isLeft);
});

test.each([
  [1_000, 'bulkhead=true fits: with it a fault in one function cannot take the whole account. Add'],
  [500, 'bulkhead=true fits'],
  [499, 'bulkhead=true does not fit: it needs 500.'],
  [259, 'The full demo needs 260'],
  [10, 'Lambda may run 10 executions at once in eu-west-1.'],
])('with %i executions at once a person is told: %s', (concurrency, words) => {
  expect(advice({ ...facts, concurrency }, []).join('\n')).toContain(words);
});

test('an account that is large enough is told of nothing that it lacks', () => {
  expect(advice(facts, ['-c', 'bulkhead=true'])).toEqual([
    'Lambda may run 1000 executions at once in eu-west-1.',
    'bulkhead=true fits.',
  ]);
});

test.each([
  [499, ['-c', 'bulkhead=true'], '-c bulkhead=true needs a limit of 500 executions at once'],
  [500, ['-c', 'bulkhead=true'], undefined],
  [10, [], undefined],
])('with %i executions at once and %j a deployment is refused: %s', (concurrency, args, words) => {
  const reason = refusal({ ...facts, concurrency }, args);
  if (words) expect(reason).toContain(words);
  else expect(reason).toBeUndefined();
});
