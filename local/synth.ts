/** Brings cdk.out up to date: a synthesis takes seconds, so it runs only when something it depends on has changed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT, readProject } from './project.ts';

const INPUTS = readProject().synthInputs;
export const ASSEMBLY_DIR = join(ROOT, 'cdk.out');
const STAMP_FILE = join(ASSEMBLY_DIR, '.inputs-and-templates.sha256');

export async function synthesize(): Promise<void> {
  if (isUpToDate()) return;
  console.log('cdk.out is out of date: synthesizing');
  await runCdkSynth();
  writeFileSync(STAMP_FILE, currentStamp());
}

function isUpToDate(): boolean {
  if (INPUTS.length === 0 || !existsSync(STAMP_FILE)) return false;
  return readFileSync(STAMP_FILE, 'utf8') === currentStamp();
}

/** Covers the templates too: someone may have synthesized with another context by hand. */
function currentStamp(): string {
  const hash = createHash('sha256');
  const templates = readdirSync(ASSEMBLY_DIR).filter((file) => file.endsWith('.json'));
  const files = [...INPUTS.flatMap(filesOf), ...templates.map((file) => join('cdk.out', file))];
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function filesOf(input: string): string[] {
  const path = join(ROOT, input);
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [input];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length));
}

/** With the directory of this node first in the path: cdk.json starts the app as `node`. */
async function runCdkSynth(): Promise<void> {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const child = spawn(process.execPath, [cdk, 'synth', '--quiet'], {
    cwd: ROOT,
    env: { ...process.env, PATH },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const kill = () => child.kill();
  process.once('exit', kill);
  const [complaints, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  process.off('exit', kill);
  if (code !== 0) throw new Error(`${complaints}\ncdk synth failed (exit code ${code})`);
}
