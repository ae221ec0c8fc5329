import { parentPort } from 'node:worker_threads';
import { Violation } from '../../breaker/simulation/monitor.ts';
import { runFaults } from '../../breaker/simulation/random-faults.ts';
import { simulate } from '../../breaker/simulation/world.ts';
import { measure } from './figures.ts';
import type { Job, JobResult } from './jobs.ts';
import { FAULTS, SCENARIOS } from './scenarios.ts';
import { STORES } from './stores.ts';

// A stack trace for every simulated failure would be a third of the time.
Error.stackTraceLimit = 0;

parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await perform(job)));

async function perform(job: Job): Promise<JobResult> {
  try {
    return await run(job);
  } catch (error) {
    if (error instanceof Violation)
      return { failure: { rule: error.message, journal: error.journal } };
    return { failure: { rule: String(error instanceof Error ? error.stack : error), journal: [] } };
  }
}

async function run(job: Job): Promise<JobResult> {
  if (job.scenario === FAULTS) {
    await runFaults(job.seed);
    return {};
  }
  const scenario = SCENARIOS.find(({ name }) => name === job.scenario);
  const own = scenario?.cases[job.case]?.world;
  const world = own && job.store ? { ...own, store: STORES[job.store] } : own;
  const policy = scenario?.policies[job.policy];
  if (!world || !policy) throw new Error(`No such job: ${JSON.stringify(job)}`);
  return { figures: measure(await simulate(world, policy, job.seed), world, policy) };
}
