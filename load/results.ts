/** Where the runs of the demo are kept: each in a folder of its own, and `results/latest` leads to the newest report. */
import { copyFile, mkdir, rename, rm, rmdir, stat, symlink } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DemoError } from './errors.ts';
import type { Plan } from './plan.ts';

const LATEST = 'latest';

export const resultsDirectory = (): string => resolve('results');

/** A folder for a run that begins now. Nothing that exists is touched. */
export async function createRunDirectory(startedAt: Date, plan: Plan): Promise<string> {
  const time = startedAt.toISOString().slice(0, 19).replaceAll(':', '-');
  const name = [time, plan.scenario, ...(plan.profile === 'quick' ? ['quick'] : [])].join('-');
  const directory = join(resultsDirectory(), name);
  try {
    await mkdir(resultsDirectory(), { recursive: true });
    await mkdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DemoError(`${directory} cannot be made (${code}): the results need a place to stay.`);
  }
  return directory;
}

/** A run that ended before its load began leaves no empty folder. True: it was empty, and it is gone. */
export const removeIfEmpty = (directory: string): Promise<boolean> =>
  rmdir(directory).then(
    () => true,
    () => false,
  );

/** `results/latest` leads there from now on, and the report's files are in `results` itself, too. */
export async function makeLatest(directory: string, files: readonly string[]): Promise<void> {
  const link = join(resultsDirectory(), LATEST);
  const next = `${link}.next`;
  await rm(next, { force: true });
  await symlink(basename(directory), next, 'junction');
  await rename(next, link);
  for (const file of files) await copyFile(join(directory, file), join(resultsDirectory(), file));
}

/** The folder that a person means: a path, or a name below `results`. */
export async function findRun(given: string = LATEST): Promise<string> {
  for (const directory of [join(resultsDirectory(), given), resolve(given)]) {
    const recorded = await stat(join(directory, 'raw', 'run.json')).catch(() => undefined);
    if (recorded) return directory;
  }
  throw new DemoError(`There is no run in results/${given}: npm run demo makes one.`);
}
