import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Figures } from './figures.ts';
import type { StoreName } from './stores.ts';

/** One run of one policy; `policy` and `case`: their places in the scenario's lists. */
export interface Job {
  readonly scenario: string;
  readonly policy: number;
  readonly case: number;
  readonly seed: number;
  /** Instead of the scenario's own. */
  readonly store?: StoreName | undefined;
}

/** `figures`: none of a run that is only watched. */
export interface JobResult {
  readonly figures?: Figures;
  readonly failure?: Failure;
}

export interface Failure {
  readonly rule: string;
  /** What happened before; empty if it was not a rule that was broken but the simulation. */
  readonly journal: readonly string[];
}

/** Runs are independent of each other: as many at once as there are processors. */
export class JobRunner {
  readonly #workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(new URL('./worker.ts', import.meta.url)),
  );

  /** Runs all jobs; `onDone` hears of each as it ends, in any order. */
  async run(jobs: readonly Job[], onDone: (job: Job, result: JobResult) => void): Promise<void> {
    const queue = [...jobs];
    const work = async (worker: Worker) => {
      for (let job = queue.shift(); job; job = queue.shift()) {
        worker.postMessage(job);
        const [result] = (await once(worker, 'message')) as [JobResult];
        onDone(job, result);
      }
    };
    await Promise.all(this.#workers.map(work));
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
