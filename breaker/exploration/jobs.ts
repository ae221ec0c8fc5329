import { Worker } from 'node:worker_threads';
import type { Weakened } from '../test/support/weakened.ts';
import type { Counts, Explored } from './explorer.ts';
import type { SourceChange } from './private-state.ts';

/** What a thread is to explore. */
export interface Job {
  /** The names of the plans, one after the other until a counterexample is found. */
  readonly plans: readonly string[];
  readonly maxDepth: number;
  readonly maxMs: number;
  /** The plans are tried again with so much more time each, as long as nothing is found. */
  readonly patience?: readonly number[];
  /** Instead of exploring, to see whether states that are taken to be the same are. */
  readonly isMergeCheck?: true;
  /** One of so many states is followed until the circuit has closed. */
  readonly recoverEvery: number;
  readonly weakened?: Weakened;
}

/** What became of one plan. */
export interface PlanResult extends Omit<Explored, 'found'> {
  readonly plan: string;
  readonly problem?: string;
  readonly story?: readonly string[];
}

/** How many states were met again on another way, and how many of them went on in another way. */
export interface CheckedMerges {
  readonly plan: string;
  readonly merges: number;
  readonly unlike: number;
}

export type Message =
  | { readonly kind: 'progress'; readonly plan: string; readonly counts: Counts }
  | { readonly kind: 'explored'; readonly result: PlanResult }
  | { readonly kind: 'checked'; readonly checked: CheckedMerges }
  | { readonly kind: 'done' };

const WORKER = new URL('./worker.ts', import.meta.url);

/** A thread with a library of its own, in which one place may be changed. */
export class Thread {
  readonly #worker: Worker;

  constructor(change?: SourceChange) {
    const execArgv = ['--conditions=fleet-breaker-source'];
    this.#worker = new Worker(WORKER, { workerData: change, execArgv });
  }

  run(job: Job, onMessage: (message: Message) => void = () => {}): Promise<PlanResult[]> {
    const worker = this.#worker;
    const results: PlanResult[] = [];
    return new Promise((resolve, reject) => {
      const receive = (message: Message) => {
        if (message.kind === 'explored') results.push(message.result);
        onMessage(message);
        if (message.kind !== 'done') return;
        worker.off('message', receive);
        worker.off('error', reject);
        resolve(results);
      };
      worker.on('message', receive);
      worker.on('error', reject);
      worker.postMessage(job);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Does `work` for each subject, in so many threads at once; answers in the order of the subjects. */
export async function together<S, R>(
  subjects: readonly S[],
  threads: number,
  work: (subject: S, thread: Thread) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const takeNext = async () => {
    const thread = new Thread();
    while (next < subjects.length) {
      const at = next++;
      results[at] = await work(subjects[at] as S, thread);
    }
    await thread.end();
  };
  await Promise.all(Array.from({ length: threads }, takeNext));
  return results;
}
