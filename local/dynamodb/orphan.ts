/**
 * Linux rule: a child process outlives a parent that is killed. The pid file names the child and its parent; a child
 * that is still the expected program and has another parent by now is an orphan and may be ended.
 */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

interface PidFile {
  readonly child: number;
  readonly parent: number;
}

export function rememberChild(pidFile: string, { pid }: ChildProcess): void {
  writeFileSync(pidFile, JSON.stringify({ child: pid, parent: process.pid }));
}

export const forgetChild = (pidFile: string): void => rmSync(pidFile, { force: true });

/** Throws when the child is not an orphan: then its parent is at work in the same directory. */
export async function endOrphan(pidFile: string, program: string): Promise<void> {
  const known = readPidFile(pidFile);
  if (!known || programOf(known.child) !== program) return;
  if (parentOf(known.child) === known.parent) {
    throw new Error(`another local cloud runs from here (process ${known.parent}); stop it first`);
  }
  process.kill(known.child, 'SIGKILL');
  while (programOf(known.child) === program) await sleep(5);
  forgetChild(pidFile);
}

function readPidFile(pidFile: string): PidFile | undefined {
  const { child, parent } = JSON.parse(readOr(pidFile, '{}')) as Partial<PidFile>;
  return child && parent ? { child, parent } : undefined;
}

/** A program that npm has replaced meanwhile is marked as deleted. */
function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
  } catch {
    return undefined;
  }
}

const parentOf = (pid: number): number =>
  Number(/^PPid:\s*(\d+)$/m.exec(readOr(`/proc/${pid}/status`, ''))?.[1]);

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
