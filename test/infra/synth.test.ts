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

async function synthesize(name: string): Promise<string> {
  const output = join(scratch, name);
  await promisify(execFile)('npx', ['cdk', 'synth', '--quiet', '--output', output], {
    env: {
      PATH: process.env.PATH,
      HOME: scratch,
      // npm's own look for a newer npm.
      npm_config_update_notifier: 'false',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(noNetwork)}`,
    },
  });
  return output;
}

const digests = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.template\.json$|index\.mjs/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [
      file.slice(folder.length),
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    ]);

test('synthesis needs no account and no network, and twice gives the same template and bundles', async () => {
  const [first, second] = await Promise.all([synthesize('1'), synthesize('2')]);
  const files = digests(first);
  expect(files).toHaveLength(1 + 4 * 2);
  expect(digests(second)).toEqual(files);
}, 60_000);
