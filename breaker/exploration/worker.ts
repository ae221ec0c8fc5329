import { parentPort, workerData } from 'node:worker_threads';
import type { Job, Message, Weakened } from './jobs.ts';
import type { Plan } from './plan.ts';
import { exposePrivateState } from './private-state.ts';

const job = workerData as Job;
exposePrivateState(job.change);
// An error is made for each refused call, and nobody reads where.
Error.stackTraceLimit = 0;
// The library is imported only now, so that its private state is exposed.
const { Explorer } = await import('./explorer.ts');
const { allPlans } = await import('./plans.ts');
const { storyOf } = await import('./story.ts');
const { without } = await import('./weakening.ts');

// Promises can be followed to their end only from outside of any promise.
setImmediate(() => {
  for (const times of job.patience ?? [1])
    for (const plan of allPlans()) {
      if (!job.plans.includes(plan.name)) continue;
      if (isFoundIn(weakenedBy(job.weakened, plan), times)) return;
    }
});

function isFoundIn(plan: Plan, times: number): boolean {
  const { maxDepth, maxMs, recoverEvery = 1 } = job;
  const { found, ...counts } = new Explorer(plan, {
    maxDepth,
    maxMs: maxMs * times,
    recoverEvery,
    onProgress: (current) => send({ kind: 'progress', plan: plan.name, counts: current }),
  }).explore();
  const { problem } = found ?? {};
  const story = found && storyOf(plan, found);
  const told = problem && story ? { problem, story } : {};
  send({ kind: 'explored', result: { ...counts, plan: plan.name, ...told } });
  return found !== undefined;
}

function weakenedBy(weakened: Weakened | undefined, plan: Plan): Plan {
  return weakened ? { ...plan, tamper: without(weakened) } : plan;
}

function send(message: Message): void {
  parentPort?.postMessage(message);
}
