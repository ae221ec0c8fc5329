import { allConditions, type Weakened } from '../test/support/weakened.ts';
import { DEFECTS } from './defects.ts';
import { type PlanResult, Thread, together } from './jobs.ts';
import type { SourceChange } from './private-state.ts';
import { whyNotFound } from './unneeded.ts';

/** One change that the exploration has to find. */
interface Suspect {
  readonly title: string;
  readonly weakened?: Weakened;
  readonly change?: SourceChange;
  /** Why it cannot be found, if so. */
  readonly excuse?: string | undefined;
}

const OF_CLOSED = [
  'streaks come and go',
  'streaks of three come and go',
  'streaks are forgiven',
  'operators, well',
  'operators, failing',
  'operators, trips at once',
  'half fail, edits',
  'edits of a streak',
  'an override ran out',
  'three failures trip',
  'writes get lost',
];
const OF_REPORTS = [
  'half fail, edits at the onset',
  'an override ran out, half fail at the onset',
  'half fail, edits',
];
const OF_OPEN = ['an override ran out, open', 'edits, half-open', 'writes of probes get lost'];
const OF_PROBES = [
  'one probe of two has failed, edits',
  'one probe of two has failed, an override ran out',
];
const OF_TAKEOVERS = ['a prober is gone, edits', 'a prober is gone, an override ran out'];
const OF_OPERATORS = [
  'operators and edits',
  'operators and edits, half-open',
  'operators come first',
];
const OF_DEFECTS = [
  'one instance, a slow store',
  'an operator, a slow store',
  'a slow store, recovered',
  'reads are late and old',
];
/** Where the writes of each kind are made soon. */
const LIKELY: Readonly<Record<string, readonly string[]>> = {
  countReports: OF_REPORTS,
  forgive: ['streaks are forgiven', 'an override ran out, half fail', ...OF_CLOSED],
  trip: ['an override ran out, half fail', 'the first failure trips', ...OF_CLOSED],
  claimProbe: [...OF_OPEN, 'operators open the circuit again'],
  nextProbe: ['one probe of two has failed', ...OF_PROBES],
  reportProbe: OF_PROBES,
  takeOverProbe: OF_TAKEOVERS,
  recover: OF_PROBES,
  reopen: OF_PROBES,
  override: OF_OPERATORS,
  release: OF_OPERATORS,
  close: OF_OPERATORS,
};

/** Nearly all are found in the first round. Where plans are likely, they have both before the others. */
const MAX_MS = 400;
const PATIENCE = [1, 8];
const MAX_DEPTH = 30;
const TITLE_WIDTH = 52;

/** Tells of each change whether it was found. Answers whether all were that can be. */
export async function exploreWeakened(plans: readonly string[], threads: number): Promise<boolean> {
  const verdicts = await together(suspects(), threads, (suspect, thread) =>
    tryOut(suspect, plans, thread),
  );
  const count = (wanted: Verdict) => verdicts.filter((verdict) => verdict === wanted).length;
  console.log(
    `\n${count('found')} found, ${count('named')} named, ${count('NOT FOUND')} not found`,
  );
  return count('NOT FOUND') === 0;
}

type Verdict = 'found' | 'named' | 'NOT FOUND';

async function tryOut(suspect: Suspect, plans: readonly string[], sound: Thread): Promise<Verdict> {
  const { title, weakened, change, excuse } = suspect;
  const patience = excuse ? PATIENCE.slice(0, 1) : PATIENCE;
  const likely = weakened && LIKELY[weakened.operation];
  const first = likely ?? (weakened ? OF_CLOSED : OF_DEFECTS);
  const others = plans.filter((plan) => !first.includes(plan));
  const job = { maxDepth: MAX_DEPTH, maxMs: MAX_MS, patience, recoverEvery: 4 };
  // A change of the source needs a library of its own.
  const thread = change ? new Thread(change) : sound;
  const startedMs = performance.now();
  const results: PlanResult[] = [];
  let found: PlanResult | undefined;
  for (const some of likely ? [likely, others] : [[...first, ...others]]) {
    results.push(...(await thread.run({ ...job, plans: some, ...(weakened && { weakened }) })));
    found = results.find(({ problem }) => problem !== undefined);
    if (found) break;
  }
  if (change) await thread.end();
  const verdict = found ? 'found' : excuse ? 'named' : 'NOT FOUND';
  const decided = results.reduce((sum, result) => sum + result.decided, 0);
  const details = found
    ? `${stepsOf(found.story)} steps, "${found.plan}": ${found.problem}`
    : `${excuse ?? ''} (decided alone ${decided} times)`;
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6);
  console.log(`${verdict.padEnd(9)}  ${title.padEnd(TITLE_WIDTH)} ${seconds} s  ${details}`);
  return verdict;
}

function suspects(): Suspect[] {
  const conditions = [...allConditions()].map(([title, weakened]) => {
    return { title, weakened, excuse: whyNotFound(weakened) };
  });
  return [...DEFECTS.map(({ title, ...change }) => ({ title, change })), ...conditions];
}

function stepsOf(story: readonly string[] = []): number {
  const schedule = story.slice(
    0,
    story.findIndex((line) => line.includes('From here on')),
  );
  return schedule.filter((line) => /^ *\d+\. /.test(line)).length;
}
