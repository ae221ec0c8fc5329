import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const scratch = mkdtempSync(join(tmpdir(), 'fleet-breaker-synth-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Whatever tries to connect, in the command line, the app or a bundler's wrapper, ends the synthesis. */
const noNetwork = `import { Socket } from 'node:net'; import { writeSync } from 'node:fs';
Socket.prototype.connect = () => { writeSync(2, 'NETWORK'); process.exit(99); };`;

async function synthesize(name: string) {
  const output = join(scratch, name);
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
  return { files: digests(output), stderr };
}

const digests = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.template\.json$|\.mjs(\.map)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [
      file.slice(folder.length),
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    ]);

test('synthesis needs no account and no network, and twice gives the same template and bundles', async () => {
  const [first, second] = await Promise.all([synthesize('1'), synthesize('2')]);
  expect(first.files.filter(([file]) => file?.endsWith('/index.mjs'))).toHaveLength(4);
  expect(second.files).toEqual(first.files);
  // Nothing to decide is left: a flag that is not set behaves as it did years ago.
  expect(first.stderr).not.toContain('feature flags');
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
