import { appendFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LogFollower, problemsOf, type Transition, transitionsIn } from './transitions.ts';

const transition = (generation: number, from: string, to: string): Transition => ({
  ...{ generation, from, to },
  ...{ operation: 'trip', scope: 'fleet' },
});
const outage = [
  transition(1, 'CLOSED', 'OPEN'),
  transition(2, 'OPEN', 'HALF_OPEN'),
  transition(3, 'HALF_OPEN', 'CLOSED'),
];

test('a history without gaps is explained, in whatever order it was logged', () => {
  expect(problemsOf([...outage].reverse(), 3)).toEqual([]);
  expect(problemsOf([], 0)).toEqual([]);
});

test('what an instance decided alone is no part of it', () => {
  const alone = { ...transition(9, 'CLOSED', 'OPEN'), scope: 'instance' } as const;
  expect(problemsOf([...outage, alone], 3)).toEqual([]);
});

test.each([
  ['a generation that nobody tells', [outage[0], outage[2]], 3],
  ['a generation that is told twice', [...outage, outage[1]], 3],
  ['a circuit that is further than its logs', outage, 4],
  [
    'a transition that leaves another state than the last',
    [outage[0], transition(2, 'CLOSED', 'OPEN')],
    2,
  ],
])('%s is a problem', (_, history, generation) => {
  expect(problemsOf(history as Transition[], generation)).toHaveLength(1);
});

test('only what was added to a log since is read, and a line when it is whole', () => {
  const directory = mkdtempSync(join(tmpdir(), 'soak-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const log = join(directory, 'a.log');
  const follower = new LogFollower(directory);
  const line = JSON.stringify({ message: 'circuit transition', transition: outage[0] });
  appendFileSync(log, `START\n${line.slice(0, 20)}`);
  expect(follower.newLines()).toEqual(['START']);
  appendFileSync(log, `${line.slice(20)}\nEND\n`);
  const added = follower.newLines();
  expect(added).toEqual([line, 'END']);
  expect(transitionsIn(added)).toEqual([outage[0]]);
  renameSync(log, join(directory, 'kept.log'));
  appendFileSync(log, 'a new log\n');
  expect(follower.newLines()).toContain('a new log');
});
