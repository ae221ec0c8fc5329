/**
 * Explores small fleets of the real library: every schedule of answers, faults and steps of time up
 * to a depth. With `--weakened` each condition of each write is taken away in turn, and some defects
 * are put in, to see that every one of them is found.
 */
import { readCommandLine, UsageError, wholeNumber } from '../../bench/command-line.ts';
import { type Job, type PlanResult, together } from './jobs.ts';
import { planNames } from './plans.ts';
import { headOf, lineOf, progressOf, totalOf } from './report.ts';
import { exploreWeakened } from './weakened.ts';

const USAGE = `npm run explore -- [--seconds N] [--plan NAME] [--threads N] [--weakened | --merges]

  --seconds N   for all plans together; default 1200
  --plan NAME   only the plans whose name begins so
  --threads N   default 2
  --weakened    takes each condition of each write away in turn, and puts defects in
  --merges      follows states that count as one from both ways
  --help        shows this`;
const OPTIONS = {
  seconds: { type: 'string', default: '1200' },
  plan: { type: 'string', default: '' },
  threads: { type: 'string', default: '2' },
  weakened: { type: 'boolean', default: false },
  merges: { type: 'boolean', default: false },
} as const;
const MAX_DEPTH = 60;
/** Following a state until the circuit has closed takes as long as many steps. */
const RECOVER_EVERY = 8;
/** Of the schedules of a check of merges. */
const MERGES_DEPTH = 5;
const PROGRESS_MS = 10_000;

const { seconds, threads, plans, check } = readCommandLine(USAGE, OPTIONS, (values) => {
  const plans = planNames().filter((name) => name.startsWith(values.plan));
  if (plans.length === 0) throw new UsageError(`--plan: there is none called "${values.plan}"`);
  if (values.weakened && values.merges)
    throw new UsageError('--weakened and --merges: one of them at a time');
  return {
    seconds: wholeNumber('--seconds', values.seconds),
    threads: wholeNumber('--threads', values.threads),
    plans,
    check: values.weakened ? 'weakened' : values.merges ? 'merges' : 'all',
  };
});
process.exitCode = (await isWell()) ? 0 : 1;

function isWell(): Promise<boolean> {
  if (check === 'weakened') return exploreWeakened(plans, threads);
  return check === 'merges' ? checkMerges() : exploreAll();
}

/** Each plan gets the same share of the time that those before it have left. */
async function exploreAll(): Promise<boolean> {
  const endMs = performance.now() + seconds * 1_000;
  let left = plans.length;
  const progress = progressOf(plans.length);
  const timer = setInterval(() => console.log(progress.line()), PROGRESS_MS);
  console.log(headOf());
  const results = await together(plans, threads, async (plan, thread) => {
    const maxMs = ((endMs - performance.now()) * threads) / Math.max(left--, threads);
    const job: Job = { plans: [plan], maxDepth: MAX_DEPTH, maxMs, recoverEvery: RECOVER_EVERY };
    const [result] = await thread.run(job, progress.update);
    console.log(lineOf(result as PlanResult));
    return result as PlanResult;
  });
  clearInterval(timer);
  console.log(totalOf(results));
  const broken = results.filter(({ problem }) => problem !== undefined);
  for (const { plan, story = [] } of broken) console.log(`\n${plan}\n${story.join('\n')}`);
  return broken.length === 0;
}

/** Whether all states that are taken to be the same go on in the same way. */
async function checkMerges(): Promise<boolean> {
  const job = {
    maxDepth: MERGES_DEPTH,
    maxMs: Infinity,
    recoverEvery: 1,
    isMergeCheck: true,
  } as const;
  let unlike = 0;
  await together(plans, threads, (plan, thread) =>
    thread.run({ ...job, plans: [plan] }, (message) => {
      if (message.kind !== 'checked') return;
      const { checked } = message;
      unlike += checked.unlike;
      console.log(
        `${plan.padEnd(32)} ${checked.merges} states met again, ${checked.unlike} unlike`,
      );
    }),
  );
  return unlike === 0;
}
