import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { ASSEMBLY_DIR } from '../../local/synth.ts';

const scratch = mkdtempSync(join(tmpdir(), 'fleet-breaker-synth-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Whatever tries to connect, in the command line, the app or a bundler's wrapper, ends the synthesis. */
const noNetwork = `import { Socket } from 'node:net'; import { writeSync } from 'node:fs';
Socket.prototype.connect = () => { writeSync(2, 'NETWORK'); process.exit(99); };`;

async function synthesize(output: string): Promise<string> {
  const { stderr } = await promisify(execFile)(
    'npx',
    ['cdk', 'synth', '--quiet', '--output', output],
    {
      env: {
        PATH: process.env.PATH,
        HOME: scratch,
        // npm's own look for a newer npm.
        npm_config_update_notifier: 'false',
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(noNetwork)}`,
      },
    },
  );
  return stderr;
}

/** Of the template and of the bundles that it names: earlier ones may lie beside them. */
function digests(assembly: string) {
  const template = 'fleet-breaker-demo.template.json';
  const text = readFileSync(join(assembly, template), 'utf8');
  const named = [...text.matchAll(/"aws:asset:path": "(asset\.\w+)"/g)];
  const bundles = [...new Set(named.map(([, folder = '']) => join(folder, 'index.mjs')))];
  const digest = (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(assembly, file)))
      .digest('hex');
  return [template, ...bundles].map((file) => [file, digest(file)]);
}

test('synthesis needs no account and no network, and twice gives the same template and bundles', async () => {
  const first = digests(ASSEMBLY_DIR);
  const again = join(scratch, 'again');
  const stderr = await synthesize(again);
  expect(first.filter(([file]) => file?.endsWith('/index.mjs'))).toHaveLength(4);
  expect(digests(again)).toEqual(first);
  // Nothing to decide is left: a flag that is not set behaves as it did years ago.
  expect(stderr).not.toContain('feature flags');
}, 60_000);

test('bad context is answered with what to give instead, and without a stack trace', async () => {
  const app = promisify(execFile)(
    process.execPath,
    ['--conditions=fleet-breaker-source', 'infra/app.ts'],
    {
      env: { PATH: process.env.PATH, CDK_CONTEXT_JSON: '{"stage":"Demo","openMs":"soon"}' },
    },
  );
  await expect(app).rejects.toMatchObject({
    code: 1,
    stderr: `Bad CDK context (-c key=value):
  stage is "Demo": give lower-case letters, digits and inner hyphens, at most 20, beginning with a letter
  openMs is "soon": give a whole number from 1 to 3600000
`,
  });
});
