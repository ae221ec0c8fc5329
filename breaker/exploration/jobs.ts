import { Worker } from 'node:worker_threads';
import type { Counts, Explored } from './explorer.ts';
import type { SourceChange } from './private-state.ts';

/** A condition to take away from all writes of one kind: `is` may also be `absent`. */
export interface Weakened {
  readonly operation: string;
  readonly attribute: string;
  readonly is: string;
}

/** What a worker thread is to explore. */
export interface Job {
  /** The names of the plans, one after the other until a counterexample is found. */
  readonly plans: readonly string[];
  readonly maxDepth: number;
  readonly maxMs: number;
  /** The plans are tried again with so much more time each, as long as nothing is found. */
  readonly patience?: readonly number[];
  /** One of so many states is followed until the circuit has closed. */
  readonly recoverEvery?: number;
  readonly weakened?: Weakened;
  readonly change?: SourceChange;
}

/** What became of one plan. */
export interface PlanResult extends Omit<Explored, 'found'> {
  readonly plan: string;
  readonly problem?: string;
  readonly story?: readonly string[];
}

export type Message =
  | { readonly kind: 'progress'; readonly plan: string; readonly counts: Counts }
  | { readonly kind: 'explored'; readonly result: PlanResult };

const WORKER = new URL('./worker.ts', import.meta.url);

/** Runs the job in a thread of its own, whose library nobody else uses. */
export function run(
  job: Job,
  onMessage: (message: Message) => void = () => {},
): Promise<PlanResult[]> {
  const results: PlanResult[] = [];
  const worker = new Worker(WORKER, { workerData: job });
  return new Promise((resolve, reject) => {
    worker.on('message', (message: Message) => {
      if (message.kind === 'explored') results.push(message.result);
      onMessage(message);
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve(results));
  });
}

/** Runs `work` for each subject, so many at once; answers in the order of the subjects. */
export async function inTurn<S, R>(
  subjects: readonly S[],
  atOnce: number,
  work: (subject: S) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const takeNext = async () => {
    while (next < subjects.length) {
      const at = next++;
      results[at] = await work(subjects[at] as S);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeNext));
  return results;
}
