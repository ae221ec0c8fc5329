import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, REPOSITORY, startChild } from './children.ts';
import { DemoError } from './errors.ts';
import { parseLogs } from './report/raw/logs.ts';
import { readStreams } from './report/raw/recording.ts';

const LOG_DIR = join(REPOSITORY, '.local/logs');
const READY_WITHIN_MS = 180_000;

/** Starts the embedded cloud by its command and waits until it serves. */
export async function startLocalCloud(args: readonly string[]): Promise<Child> {
  const ready = Promise.withResolvers<void>();
  const child = startChild({
    args: ['local/main.ts', ...args],
    onLine: (line) => line.startsWith('ready') && ready.resolve(),
  });
  const ended = child.exited.then(() => {
    throw new DemoError(`The local cloud did not start. It said:\n${child.lastLines()}`);
  });
  const late = sleep(READY_WITHIN_MS, undefined, { ref: false }).then(() => {
    throw new DemoError(`The local cloud was not ready after ${READY_WITHIN_MS / 1000} s.`);
  });
  await Promise.race([ready.promise, ended, late]);
  ended.catch(() => {}); // from here on the load notices
  return child;
}

/** A hanging function goes on after its caller was told 504: its REPORT line comes when it ends. */
export async function takeLogs(directory: string, waitAtMostMs: number): Promise<void> {
  const giveUpAtMs = Date.now() + waitAtMostMs;
  while (Date.now() < giveUpAtMs && parseLogs((await readStreams(LOG_DIR)) ?? []).unfinished > 0) {
    await sleep(500);
  }
  await cp(LOG_DIR, directory, { recursive: true });
}
