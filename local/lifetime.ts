/** How a command that serves until Ctrl-C ends: once, in time, and whoever asked for it. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Lifetime {
  readonly isOver: boolean;
  /** Called when the end comes; what has not ended in time ends with the process. */
  onEnd(close: () => Promise<unknown>): void;
  /** Never returns to work: the process exits. */
  end(exitCode: number): Promise<void>;
}

/** Promised is 2 s. */
const CLOSE_LIMIT_MS = 1_500;
const SHELL_WATCH_MS = 200;

export function beginLifetime(): Lifetime {
  const closers: (() => Promise<unknown>)[] = [];
  let isOver = false;
  /** npm and the terminal may both send the signal: the second one changes nothing. */
  async function end(exitCode: number): Promise<void> {
    if (isOver) return;
    isOver = true;
    const closed = Promise.allSettled(closers.map((close) => close()));
    await Promise.race([closed, sleep(CLOSE_LIMIT_MS)]);
    process.exit(exitCode);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));
  endWithShell(() => void end(0));
  return {
    get isOver() {
      return isOver;
    },
    onEnd: (close) => void closers.push(close),
    end,
  };
}

/** A SIGTERM for npm ends the shell between npm and this process and gets no further: the shell's end is the signal. */
function endWithShell(end: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && end(), SHELL_WATCH_MS).unref();
}
