import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Load, Served } from './environment.ts';

const STARTED = new Set<EnvironmentProcess>();
process.once('exit', () => {
  for (const started of STARTED) started.close();
});

/** A process that serves with one bundle. Its log goes nowhere. */
export class EnvironmentProcess {
  readonly #child: ChildProcess;

  constructor(file: string, env: Record<string, string>) {
    const program = join(import.meta.dirname, 'environment.ts');
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const;
    this.#child = fork(program, [file], { env, execArgv: [], stdio: [...stdio] });
    STARTED.add(this);
  }

  async serve(load: Load): Promise<Served> {
    const stopWaiting = new AbortController();
    const { signal } = stopWaiting;
    const ended = once(this.#child, 'exit', { signal }).then(([code]) => {
      throw new Error(`The environment has ended (exit code ${code})`);
    });
    try {
      this.#child.send(load);
      const [served] = await Promise.race([once(this.#child, 'message', { signal }), ended]);
      return served;
    } finally {
      ended.catch(() => {}); // the wait for it is given up
      stopWaiting.abort();
    }
  }

  close(): void {
    this.#child.kill('SIGKILL');
    STARTED.delete(this);
  }
}
