import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { refuseOptionsTakenByNpm } from './command.ts';

const run = (script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  promisify(execFile)(
    process.execPath,
    ['--conditions=fleet-breaker-source', `ops/${script}.ts`, ...args],
    { env: { ...process.env, ...env } },
  );

test.each([
  ['fault', ['maybe'], 'maybe is unknown: write one of on, off'],
  ['fault', ['on', 'off'], 'off is too much after on'],
  [
    'circuit',
    [],
    'a word is missing: write one of status, force-open, force-closed, release, close',
  ],
  [
    'circuit',
    ['blah'],
    'blah is unknown: write one of status, force-open, force-closed, release, close',
  ],
  ['logs', ['constructor'], 'constructor is unknown: write one of transitions, errors, slow'],
  ['logs', ['slow', '--limit', '5'], "Unknown option '--limit'"],
  ['localstack', ['lower'], 'lower is unknown: write one of deploy, destroy'],
])('%s %j names what is wrong, without a stack trace', async (script, args, words) => {
  const failure = await run(script, args).catch((error) => error);
  expect(failure.code).toBe(1);
  expect(failure.stderr).toContain(words);
  expect(failure.stderr).not.toMatch(/^ +at /m);
});

test('an option that npm kept for itself ends the command before it does something else', async () => {
  const env = { npm_lifecycle_event: 'logs', npm_config_since: '5m' };
  await expect(run('logs', ['slow'], env)).rejects.toMatchObject({
    code: 1,
    stderr:
      'npm has taken --since for a setting of its own: write -- before it, as in npm run logs -- --since\n',
  });
});

const options = {
  quick: { type: 'boolean', default: false },
  'v1-url': { type: 'string' },
} as const;

test.each([
  ['outside npm', { npm_config_quick: 'true' }, []],
  ['where npm took nothing', { npm_lifecycle_event: 'demo' }, []],
  [
    'where the command got the option too',
    { npm_lifecycle_event: 'demo', npm_config_quick: 'true' },
    ['--quick'],
  ],
])('nothing is refused %s', (_, env, args) => {
  expect(() => refuseOptionsTakenByNpm(options, args, env)).not.toThrow();
});

test('npm writes an option with underscores', () => {
  const env = { npm_lifecycle_event: 'demo', npm_config_v1_url: 'x' };
  expect(() => refuseOptionsTakenByNpm(options, [], env)).toThrow('--v1-url');
});
