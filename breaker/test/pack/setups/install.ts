/**
 * Installs the tools in a folder of their own, at the versions of the lock file, and the packed
 * library in a project beside them. Libraries of AWS come from the repository's own installation.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BREAKER, PROJECT, TARBALLS, TOOLS } from './places.ts';

const run = promisify(execFile);

export default async function setup(): Promise<void> {
  await installTools();
  await rm(PROJECT, { recursive: true, force: true });
  await cp(join(import.meta.dirname, 'project'), PROJECT, { recursive: true });
  for (const recipe of ['middy.ts', 'decorator.ts'])
    await cp(join(BREAKER, 'examples', recipe), join(PROJECT, recipe));
  await writeFile(join(PROJECT, 'package.json'), '{ "private": true }');
  await installLibrary();
}

async function installTools(): Promise<void> {
  const stamp = join(TOOLS, 'node_modules/.installed');
  const lock = await readFile(join(import.meta.dirname, 'package-lock.json'), 'utf8');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === lock) return;
  await mkdir(TOOLS, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    await cp(join(import.meta.dirname, file), join(TOOLS, file));
  // Nothing but files: no tool has to run a script to be installed.
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: TOOLS });
  await writeFile(stamp, lock);
}

async function installLibrary(): Promise<void> {
  const installed = join(PROJECT, 'node_modules/fleet-breaker');
  await rm(TARBALLS, { recursive: true, force: true });
  for (const folder of [TARBALLS, installed]) await mkdir(folder, { recursive: true });
  await run('npm', ['pack', '--pack-destination', TARBALLS], { cwd: BREAKER });
  const [tarball = ''] = await readdir(TARBALLS);
  const into = ['-C', installed, '--strip-components', '1'];
  await run('tar', ['-xzf', join(TARBALLS, tarball), ...into]);
}
