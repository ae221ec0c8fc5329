/** The packed library in the tools and runtimes of its users, each in its default set-up. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROJECT, ROOT, TARBALLS, TOOLS } from './places.ts';

const runFile = promisify(execFile);
const tool = (path: string) => join(TOOLS, 'node_modules', path);

/** What a program prints. Rejects with all that it printed if it fails. */
async function run(program: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  try {
    const { stdout } = await runFile(program, args, { cwd: PROJECT, env, maxBuffer: 2 ** 26 });
    return stdout;
  } catch (error) {
    const { message, stdout } = error as { message: string; stdout: string };
    throw new Error(`${message}\n${stdout}`);
  }
}

const node = (...args: string[]) => run(process.execPath, ...args);

const WORKS = {
  errors: ['Error', 'CircuitOpenError'],
  isRefusal: true,
  opened: 'OPEN',
  transitions: ['ToOpen'],
};

const COMPILERS: Record<string, string> = {
  '5.0': tool('typescript-5.0/bin/tsc'),
  '5.9': tool('typescript-5.9/bin/tsc'),
  '6.0': tool('typescript/bin/tsc'),
  '7.0': join(ROOT, 'node_modules/typescript/bin/tsc'),
};

describe('What the tools that check packages say', () => {
  it('nothing: publint', async () => {
    const [tarball = ''] = await readdir(TARBALLS);
    const said = await node(tool('publint/src/cli.js'), join(TARBALLS, tarball), '--strict');
    expect(said).toContain('All good!');
  });

  it('nothing, whichever way types are resolved: attw', async () => {
    const [tarball = ''] = await readdir(TARBALLS);
    const cli = tool('@arethetypeswrong/cli/dist/index.js');
    const said = await node(cli, join(TARBALLS, tarball), '--format', 'json');
    const { analysis } = JSON.parse(said);
    expect(analysis.problems).toEqual([]);
    const entries = ['.', './dynamodb', './dynamodb-lite', './testing', './powertools', './cdk'];
    expect(Object.keys(analysis.entrypoints)).toEqual([...entries, './package.json']);
  });
});

describe('In the runtimes of Lambda', () => {
  const noRequire = '--no-experimental-require-module';
  const RUNTIMES: [string, string, string[]][] = [
    ['Node 20', tool('node-20/bin/node'), [noRequire]],
    ['Node 22', tool('node-22/bin/node'), [noRequire, '--no-experimental-detect-module']],
    ['Node 24', process.execPath, [noRequire]],
  ];

  describe.each(RUNTIMES)('%s, with the flags that Lambda sets', (_, runtime, flags) => {
    it.each(['app.mjs', 'app.cjs'])('%s works', async (app) => {
      expect(JSON.parse(await run(runtime, ...flags, app))).toEqual(WORKS);
    });

    it('takes one that is required and one that is imported for the same library', async () => {
      const expected = { copies: 2, isRefusal: true, nested: 'part of the probe' };
      expect(JSON.parse(await run(runtime, ...flags, 'both.cjs'))).toEqual(expected);
    });

    it('would refuse a package that has modules alone', async () => {
      const load = "require('./node_modules/fleet-breaker/dist/esm/index.js')";
      await expect(run(runtime, ...flags, '-e', load)).rejects.toThrow('ERR_REQUIRE_ESM');
    });
  });
});

describe('For TypeScript', () => {
  const NODE = { module: 'commonjs', moduleResolution: 'node10' };
  const NODE16 = { module: 'node16', moduleResolution: 'node16' };
  const NODENEXT = { module: 'nodenext', moduleResolution: 'nodenext' };
  const BUNDLER = { module: 'esnext', moduleResolution: 'bundler' };
  /** 7 has no `node` any more, and 6 only where one insists. */
  const RESOLUTIONS: [string, object][] = [
    ['5.0', NODE],
    ['5.0', NODE16],
    ['5.0', NODENEXT],
    ['5.0', BUNDLER],
    ['5.9', NODE],
    ['5.9', NODE16],
    ['5.9', NODENEXT],
    ['5.9', BUNDLER],
    ['6.0', { ...NODE, ignoreDeprecations: '6.0' }],
    ['6.0', NODE16],
    ['6.0', NODENEXT],
    ['6.0', BUNDLER],
    ['7.0', NODE16],
    ['7.0', NODENEXT],
    ['7.0', BUNDLER],
  ];

  async function check(version: string, settings: object, files: string[]): Promise<string> {
    // The library's own declarations are checked, and not those of the language.
    const lib = { skipLibCheck: false, skipDefaultLibCheck: true };
    const base = { strict: true, noEmit: true, target: 'es2022', ...lib };
    const config = { compilerOptions: { ...base, ...settings }, files };
    const name = `tsconfig-${version}-${Object.values(settings).join('-')}-${files.length}.json`;
    await writeFile(join(PROJECT, name), JSON.stringify(config));
    return node(COMPILERS[version] ?? '', '--project', name);
  }

  it.each(RESOLUTIONS)('%s, its types are sound with %j', async (version, settings) => {
    const files = ['typed.mts', 'typed.cts'];
    const own = { lib: ['es2022', 'dom'], types: [], exactOptionalPropertyTypes: true };
    // Where `import` is no statement of CommonJS, `import = require` is none either.
    const known = settings === BUNDLER ? files.slice(0, 1) : files;
    expect(await check(version, { ...settings, ...own }, known)).toBe('');
  });

  it.each(['5.9', '6.0', '7.0'])(
    '%s, it fits the types of the libraries of AWS',
    async (version) => {
      const settings = { ...NODENEXT, types: ['node'], skipLibCheck: true };
      expect(await check(version, settings, ['typed-aws.ts'])).toBe('');
    },
  );
});

describe('With test runners', () => {
  const TRANSFORMS = {
    'ts-jest': { preset: 'ts-jest' },
    swc: { transform: { '^.+\\.(t|j)sx?$': '@swc/jest' } },
    babel: {},
  };

  beforeAll(async () => {
    const presets = [
      ['@babel/preset-env', { targets: { node: 'current' } }],
      '@babel/preset-typescript',
    ];
    await writeFile(join(PROJECT, 'babel.config.json'), JSON.stringify({ presets }));
  });

  it.each(Object.entries(TRANSFORMS))(
    'Jest and %s run the tests of a caller',
    async (name, own) => {
      const config = `jest-${name}.config.json`;
      await writeFile(join(PROJECT, config), JSON.stringify({ testEnvironment: 'node', ...own }));
      const jest = [tool('jest/bin/jest.js'), '--config', config, '--json', '--runInBand'];
      const { numPassedTests, numFailedTests } = JSON.parse(await node(...jest));
      expect({ numPassedTests, numFailedTests }).toEqual({ numPassedTests: 3, numFailedTests: 0 });
    },
  );

  it('Vitest runs the tests of a caller', async () => {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const report = join(PROJECT, 'vitest.json');
    const json = ['--reporter', 'json', '--outputFile', report];
    await node(vitest, 'run', '--globals', '--root', '.', ...json);
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8'));
    expect({ numPassedTests, numFailedTests }).toEqual({ numPassedTests: 3, numFailedTests: 0 });
  });
});

describe('In a bundle', () => {
  const esbuild = join(ROOT, 'node_modules/esbuild/bin/esbuild');
  type Bundle = readonly [entry: string, bundle: string];

  /** Without the SDK, which is there on Lambda. */
  async function bundleByEsbuild([entry, bundle]: Bundle): Promise<void> {
    const format = bundle.endsWith('.mjs') ? 'esm' : 'cjs';
    const settings = ['--bundle', '--platform=node', `--format=${format}`, '--target=node20'];
    await run(esbuild, entry, ...settings, '--external:@aws-sdk/*', `--outfile=${bundle}`);
  }

  async function bundleByWebpack([entry, bundle]: Bundle): Promise<void> {
    const config = {
      entry: join(PROJECT, entry),
      mode: 'production',
      target: 'node20',
      externals: { '@aws-sdk/client-dynamodb': 'commonjs @aws-sdk/client-dynamodb' },
      output: { path: PROJECT, filename: bundle },
    };
    const script = `
      require('webpack')(${JSON.stringify(config)}, (error, stats) => {
        if (error ?? stats.hasErrors()) throw error ?? new Error(stats.toString());
      });`;
    await node('-e', script);
  }

  it.each([
    { by: 'esbuild', bundleAs: bundleByEsbuild, entry: 'app.mjs', bundle: 'esbuild.mjs' },
    { by: 'esbuild', bundleAs: bundleByEsbuild, entry: 'app.cjs', bundle: 'esbuild.cjs' },
    { by: 'webpack', bundleAs: bundleByWebpack, entry: 'app.mjs', bundle: 'webpack-module.cjs' },
    { by: 'webpack', bundleAs: bundleByWebpack, entry: 'app.cjs', bundle: 'webpack.cjs' },
  ])('by $by $entry works, and has the library once', async ({ bundleAs, entry, bundle }) => {
    await bundleAs([entry, bundle]);
    expect(JSON.parse(await node(bundle))).toEqual(WORKS);
    const text = await readFile(join(PROJECT, bundle), 'utf8');
    expect(text.split('The call did not end within')).toHaveLength(2);
  });
});

describe('The recipes for others', () => {
  it('middy gets the answer of the call, or 503', async () => {
    const [answered, refused] = JSON.parse(await node('behind-middy.mts'));
    expect(answered).toBe('value');
    expect(refused).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } });
  });

  it.each(['5.0', '7.0'])(
    'a decorator guards a method, as TypeScript %s compiles it',
    async (version) => {
      const outDir = `compiled-${version}`;
      const compilerOptions = {
        ...{ module: 'nodenext', target: 'es2022', strict: true, skipLibCheck: true },
        ...{ types: [], lib: ['es2022', 'dom'], outDir },
      };
      const config = `tsconfig-decorated-${version}.json`;
      const files = ['decorated.ts', 'decorator.ts'];
      await writeFile(join(PROJECT, config), JSON.stringify({ compilerOptions, files }));
      await node(COMPILERS[version] ?? '', '--project', config);
      const printed = JSON.parse(await node(join(outDir, 'decorated.js')));
      expect(printed).toEqual(['a in EUR', 'CircuitOpenError']);
    },
  );
});

describe('Where an error is thrown', () => {
  it('a stack trace names the line of the source', async () => {
    const script = "require('fleet-breaker').createBreaker({})";
    const thrown = node('--enable-source-maps', '-e', script);
    await expect(thrown).rejects.toThrow(/fleet-breaker\/src\/load-options\.ts:\d+/);
  });
});
