/** The package as others get it: packed, and installed in an empty directory without a network. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeEngines } from '../stores/engines.ts';

const run = promisify(execFile);
const BREAKER = join(import.meta.dirname, '../..');
const INSTALLED = join(BREAKER, '../node_modules');
let directory: string;
let project: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fleet-breaker-pack-'));
  project = join(directory, 'project');
  await run('npm', ['pack', '--pack-destination', directory], { cwd: BREAKER });
  const [tarball = ''] = await readdir(directory);
  await mkdir(project);
  for (const file of [
    'five-calls.js',
    'guarded.js',
    'handler.js',
    'lite-handler.js',
    'loaded-modules.js',
    'typed-caller.ts',
    'typed-handler.ts',
  ])
    await cp(join(import.meta.dirname, file), join(project, file));
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
  // Without a network nothing is known of optional peers, and npm is not to ask for them.
  const offline = ['--offline', '--legacy-peer-deps', '--no-audit', '--no-fund'];
  const install = ['install', ...offline, join(directory, tarball)];
  await run('npm', install, { cwd: project });
});

afterAll(() => rm(directory, { recursive: true, force: true }));

it('holds the source, compiled as modules and as CommonJS, with types and maps, and nothing else', async () => {
  const sources = await filesIn(join(BREAKER, 'src'));
  const compiled = sources.flatMap((source) =>
    ['dist/esm', 'dist/cjs'].flatMap((folder) => {
      const module = join(folder, source.replace(/\.ts$/, ''));
      return ['.js', '.js.map', '.d.ts', '.d.ts.map'].map((ending) => module + ending);
    }),
  );
  const asIs = sources.map((source) => join('src', source));
  const others = ['dist/cjs/package.json', 'LICENSE', 'README.md', 'package.json'];
  const installed = await filesIn(join(project, 'node_modules/fleet-breaker'));
  expect(installed.sort()).toEqual([...asIs, ...compiled, ...others].sort());
});

it('needs nothing else for its core, and loads nothing else', async () => {
  expect(await readdir(join(project, 'node_modules'))).not.toContain('@aws-sdk');
  const loaded = await modulesLoadedBy('fleet-breaker');
  expect(loaded).toContainEqual(expect.stringMatching(/fleet-breaker\/dist\/esm\/index\.js$/));
  const foreign = loaded.filter((url) => !url.includes('/node_modules/fleet-breaker/dist/'));
  expect(foreign.toSorted()).toEqual(['node:async_hooks', 'node:timers']);
});

it('needs nothing else for the store without the SDK but modules of Node', async () => {
  const loaded = await modulesLoadedBy('fleet-breaker/dynamodb-lite');
  expect(loaded).toContainEqual(expect.stringMatching(/dist\/esm\/stores\/lite\/client\.js$/));
  const foreign = loaded.filter((url) => !url.includes('/node_modules/fleet-breaker/dist/'));
  expect(foreign.filter((url) => !url.startsWith('node:'))).toEqual([]);
});

describe('beside the AWS SDK', () => {
  beforeAll(async () => {
    await mkdir(join(project, 'node_modules/@aws-sdk'));
    await mkdir(join(project, 'node_modules/@types'), { recursive: true });
    for (const name of ['@aws-sdk/client-dynamodb', '@types/node'])
      await symlink(join(INSTALLED, name), join(project, 'node_modules', name));
  });

  it('loads the SDK for the DynamoDB store alone', async () => {
    const isOfSdk = (url: string) => url.includes('@aws-sdk');
    expect((await modulesLoadedBy('fleet-breaker')).filter(isOfSdk)).toEqual([]);
    expect((await modulesLoadedBy('fleet-breaker/dynamodb')).filter(isOfSdk)).not.toEqual([]);
  });

  it('type-checks in a project with the default settings of nodenext', async () => {
    const settings = ['--module', 'nodenext', '--strict', '--noEmit', '--types', 'node'];
    const tsc = join(INSTALLED, '.bin/tsc');
    await expect(run(tsc, [...settings, 'typed-handler.ts'], { cwd: project })).resolves.toEqual({
      stdout: '',
      stderr: '',
    });
  });

  it('type-checks for callers whose settings are the strictest', async () => {
    const strictest = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
    const settings = ['--module', 'nodenext', ...strictest, '--noEmit', '--types', 'node'];
    const tsc = join(INSTALLED, '.bin/tsc');
    await expect(run(tsc, [...settings, 'typed-caller.ts'], { cwd: project })).resolves.toEqual({
      stdout: '',
      stderr: '',
    });
  });

  it('does for callers, packed, whatever it does for them as source', async () => {
    const config = join(import.meta.dirname, 'callers.config.ts');
    const vitest = [join(INSTALLED, 'vitest/vitest.mjs'), 'run', '--config', config];
    const env = { ...process.env, PACKED: project };
    const { stdout } = await run(process.execPath, vitest, { env, maxBuffer: 2 ** 26 });
    expect(stripVTControlCharacters(stdout)).toMatch(/Tests +\d{3} passed/);
  }, 180_000);

  describeEngines((engine) => {
    it.each(['handler.js', 'lite-handler.js'])(
      'protects %s: the third failure is the last call to reach the downstream',
      async (handler) => {
        const calls: string[] = [];
        const downstream = createServer(({ url = '' }, response) => {
          calls.push(url);
          response.writeHead(503).end();
        });
        await new Promise<void>((resolve) => downstream.listen(0, '127.0.0.1', resolve));
        const { port } = downstream.address() as AddressInfo;
        try {
          const env = {
            RECOMMENDATIONS_URL: `http://127.0.0.1:${port}`,
            AWS_ENDPOINT_URL_DYNAMODB: engine().endpoint,
            CIRCUIT_TABLE: engine().tableName,
            AWS_REGION: 'us-east-1',
            AWS_ACCESS_KEY_ID: 'local',
            AWS_SECRET_ACCESS_KEY: 'local',
          };
          const answers = await node('five-calls.js', env, `./${handler}`);
          const states = ['CLOSED', 'CLOSED', 'OPEN', 'OPEN', 'OPEN'];
          const expected = states.map((state) => ({ items: [], circuit: { state } }));
          expect(JSON.parse(answers)).toMatchObject(expected);
          expect(calls).toEqual(['/a', '/b', '/c']);
        } finally {
          downstream.close();
        }
      },
    );
  });
});

async function filesIn(cwd: string): Promise<string[]> {
  const entries = await readdir(cwd, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(cwd, join(parentPath, name)));
}

async function modulesLoadedBy(specifier: string): Promise<string[]> {
  return (await node('loaded-modules.js', {}, specifier)).trim().split('\n');
}

async function node(
  script: string,
  env: Record<string, string>,
  ...args: string[]
): Promise<string> {
  const { stdout } = await run(process.execPath, [script, ...args], { cwd: project, env });
  return stdout;
}
