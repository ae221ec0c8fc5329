import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');

function run(program: string, ...words: readonly string[]) {
  const args = ['--conditions=fleet-breaker-source', program, ...words];
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

const programs = [
  'bench/main.ts',
  'bench/cold-start/main.ts',
  'bench/mean-calls/main.ts',
  'bench/simulation/main.ts',
  'breaker/exploration/main.ts',
  'test/soak/main.ts',
];

it.each(programs)('%s shows its usage when it is asked for that', (program) => {
  const { status, stdout, stderr } = run(program, '--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^npm run [a-z:-]+ -- \[/);
});

it.each([
  ...programs.map((program) => [program, ['--nonsense'], /--nonsense/] as const),
  ['bench/main.ts', ['--only', 'nothing'], /^--only: there is no "nothing"/],
  ['bench/cold-start/main.ts', ['--runs', '0'], /^--runs: got "0", expected a whole number/],
  ['bench/mean-calls/main.ts', ['--failure-rate', '2'], /^--failure-rate: got "2", expected/],
  ['bench/mean-calls/main.ts', ['--failure-rate', '1'], /^--failure-threshold: got "undefined"/],
  ['bench/simulation/main.ts', ['--scenario', 'none'], /^--scenario: there is no "none"/],
  ['bench/simulation/main.ts', ['--store', 'none'], /^--store: there is no "none"/],
  ['bench/simulation/main.ts', ['--seeds', '1.5'], /^--seeds: got "1.5", expected/],
  ['breaker/exploration/main.ts', ['--plan', 'none'], /^--plan: there is none called "none"/],
  ['breaker/exploration/main.ts', ['--seconds', 'x'], /^--seconds: got "x", expected/],
  ['breaker/exploration/main.ts', ['--threads', '0'], /^--threads: got "0", expected/],
  ['breaker/exploration/main.ts', ['--weakened', '--merges'], /^--weakened and --merges: one/],
  ['test/soak/main.ts', ['--minutes', 'x'], /^--minutes: got "x", expected/],
] as const)('%s says what is wrong with %j, and does nothing', (program, words, problem) => {
  const { status, stdout, stderr } = run(program, ...words);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(problem);
  expect(stderr).not.toMatch(/^ +at /m);
});
