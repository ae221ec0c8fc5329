/** Child processes that never outlive the demo: each leads a process group of its own, and a stop takes all of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Child {
  /** Resolves with the exit code; null after a signal. */
  readonly exited: Promise<number | null>;
  /** What it printed last, standard error included, for the message when it fails. */
  lastLines(): string;
  stop(): Promise<void>;
}

interface Start {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

const GRACE_MS = 5_000;
const KEPT_LINES = 15;
export const REPOSITORY = join(import.meta.dirname, '..');
const running = new Set<Child>();

/** Starts another program of this Node, in the repository. */
export function startChild({ args, env = {}, onLine }: Start): Child {
  // Detached: Ctrl-C at the terminal reaches the demo alone, which then stops its children in order.
  const child = spawn(process.execPath, args, {
    cwd: REPOSITORY,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line);
    });
  }
  return register(child, () => lines.join('\n'));
}

function register(child: ChildProcess, lastLines: () => string): Child {
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const entry: Child = { exited, lastLines, stop: () => stop(child, exited) };
  running.add(entry);
  exited.catch(() => {}).finally(() => running.delete(entry));
  return entry;
}

export async function stopAllChildren(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()));
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child), GRACE_MS);
  await exited.catch(() => {});
  clearTimeout(timer);
  killGroup(child); // whatever it left behind
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
