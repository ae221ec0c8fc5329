import { parentPort, workerData } from 'node:worker_threads';
import type { Weakened } from '../test/support/weakened.ts';
import type { Job, Message } from './jobs.ts';
import type { Plan } from './plan.ts';
import { exposePrivateState, type SourceChange } from './private-state.ts';

exposePrivateState(workerData as SourceChange | undefined);
// An error is made for each refused call, and nobody reads where.
Error.stackTraceLimit = 0;
// The library is imported only now, so that its private state is exposed.
const { Explorer } = await import('./explorer.ts');
const { checkMerges } = await import('./merges.ts');
const { allPlans } = await import('./plans.ts');
const { storyOf } = await import('./story.ts');
const { without } = await import('./weakening.ts');

parentPort?.on('message', (job: Job) => {
  if (job.isMergeCheck) checkPlans(job);
  else explore(job);
  send({ kind: 'done' });
});

/** The plans in the order of their names in the job. */
function plansOf({ plans }: Job): Plan[] {
  const all = new Map(allPlans().map((plan) => [plan.name, plan]));
  return plans.flatMap((name) => all.get(name) ?? []);
}

function checkPlans(job: Job): void {
  for (const plan of plansOf(job)) {
    const { merges, unlike } = checkMerges(plan, job.maxDepth);
    send({ kind: 'checked', checked: { plan: plan.name, merges, unlike: unlike.length } });
  }
}

function explore(job: Job): void {
  let promising = plansOf(job);
  for (const times of job.patience ?? [1]) {
    const decided: Plan[] = [];
    for (const plan of promising) {
      const { found, counts } = exploreOne(job, plan, times);
      if (found) return;
      if (counts.decided > 0) decided.push(plan);
    }
    // Where the condition decided nothing in a while, it is unlikely to decide anything later.
    if (decided.length > 0) promising = decided;
  }
}

function exploreOne(job: Job, plan: Plan, times: number) {
  const { maxDepth, maxMs, recoverEvery } = job;
  const weakened = weakenedBy(job.weakened, plan);
  const explored = new Explorer(weakened, {
    maxDepth,
    maxMs: maxMs * times,
    recoverEvery,
    onProgress: (counts) => send({ kind: 'progress', plan: plan.name, counts }),
  }).explore();
  const { found, ...counts } = explored;
  const told = found && { problem: found.problem, story: storyOf(weakened, found) };
  send({ kind: 'explored', result: { ...counts, plan: plan.name, ...told } });
  return { found, counts };
}

function weakenedBy(weakened: Weakened | undefined, plan: Plan): Plan {
  return weakened ? { ...plan, tamper: without(weakened) } : plan;
}

function send(message: Message): void {
  parentPort?.postMessage(message);
}
