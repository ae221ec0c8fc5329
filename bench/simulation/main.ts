import { mkdir, writeFile } from 'node:fs/promises';
import { readCommandLine, UsageError, wholeNumber } from '../command-line.ts';
import { type Failure, type Job, JobRunner } from './jobs.ts';
import * as report from './report.ts';
import type { Scenario } from './scenario.ts';
import { FAULTS, SCENARIOS } from './scenarios.ts';
import { STORES, type StoreName } from './stores.ts';

const NAMES = [...SCENARIOS.map(({ name }) => name), FAULTS];
const USAGE = `npm run simulate -- [--scenario NAME] [--store NAME] [--seed N] [--seeds N]

  --scenario NAME   one of ${NAMES.join(', ')};
                    default: all
  --store NAME      runs the tables with another store: ${Object.keys(STORES).join(', ')}
  --seed N          the first seed; default 1
  --seeds N         how many seeds; default 10, less for the largest tables, 200 for ${FAULTS}
  --help            shows this`;

const TEXT = { type: 'string' } as const;
const OPTIONS = { scenario: TEXT, store: TEXT, seed: TEXT, seeds: TEXT } as const;

const RESULT_FILE = 'results/simulation.json';
const TABLE_SEEDS = 10;
const FAULT_SEEDS = 200;

/** A run that must not have happened: the job, to replay it, and what was found. */
class RunFailed extends Error {
  readonly job: Job;
  readonly failure: Failure;

  constructor(job: Job, failure: Failure) {
    super(failure.rule);
    this.job = job;
    this.failure = failure;
  }
}

interface Options {
  readonly scenarios: readonly (Scenario | undefined)[];
  readonly seed: number;
  readonly seeds: number | undefined;
  readonly store: StoreName | undefined;
}

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readCommandLine(USAGE, OPTIONS, readOptions);
  const runner = new JobRunner();
  try {
    return await runAll(options, runner);
  } catch (error) {
    if (!(error instanceof RunFailed)) throw error;
    explain(error);
    return 1;
  } finally {
    await runner.close();
  }
}

async function runAll(options: Options, runner: JobRunner): Promise<number> {
  console.log(`Fleets simulated in virtual time.\n\n${report.renderPreface()}\n`);
  const tables: report.ScenarioReport[] = [];
  const watched: { readonly scenario: string; readonly seeds: readonly number[] }[] = [];
  for (const scenario of options.scenarios) {
    const seeds = seedsOf(options, scenario ? (scenario.seeds ?? TABLE_SEEDS) : FAULT_SEEDS);
    if (scenario) {
      tables.push(await runTable(scenario, { seeds, store: options.store }, runner));
    } else {
      await runFaults(seeds, runner);
      watched.push({ scenario: FAULTS, seeds });
    }
  }
  await mkdir('results', { recursive: true });
  await writeFile(RESULT_FILE, `${JSON.stringify({ tables, watched }, null, 2)}\n`);
  console.log(`Written to ${RESULT_FILE}`);
  const unmet = tables.flatMap(({ bounds }) => bounds).filter(({ isMet }) => !isMet);
  for (const line of report.renderBounds(unmet)) console.log(line);
  return unmet.length > 0 ? 1 : 0;
}

async function runTable(
  scenario: Scenario,
  { seeds, store }: { seeds: readonly number[]; store: StoreName | undefined },
  runner: JobRunner,
): Promise<report.ScenarioReport> {
  const pairs = scenario.cases.flatMap((_, c) => scenario.policies.map((_, p) => ({ c, p })));
  const jobs = seeds.flatMap((seed) =>
    pairs.map(({ c, p }) => ({ scenario: scenario.name, case: c, policy: p, seed, store })),
  );
  const figures = await runJobs(jobs, runner);
  const samples = pairs.map(({ c, p }) => ({
    case: scenario.cases[c]?.label ?? '',
    policy: scenario.policies[p] as Scenario['policies'][number],
    runs: jobs.flatMap((job, i) => (job.case === c && job.policy === p ? (figures[i] ?? []) : [])),
  }));
  const result = report.summarise(scenario, seeds, samples);
  console.log(`${scenario.title} (${scenario.name}, ${seeds.length} seeds)\n`);
  console.log(`${report.renderTable(scenario, samples)}\n`);
  for (const line of report.renderBounds(result.bounds)) console.log(`  ${line}`);
  const better = report.renderAdvantages(scenario, result.advantages);
  if (better.length > 0) console.log('\n  Better than this breaker by default:');
  for (const line of better) console.log(`  ${line}`);
  console.log();
  return result;
}

async function runFaults(seeds: readonly number[], runner: JobRunner): Promise<void> {
  const jobs = seeds.map((seed) => ({ scenario: FAULTS, case: 0, policy: 0, seed }));
  await runJobs(jobs, runner);
  console.log(
    `Fleets under every fault at once (${FAULTS}, ${seeds.length} seeds): every rule kept`,
  );
  console.log('and every fleet recovered\n');
}

/** The figures of each job, in the order of the jobs. Ends at the first that failed. */
async function runJobs(jobs: readonly Job[], runner: JobRunner) {
  const figures = new Map<Job, report.Sample['runs'][number] | undefined>();
  await runner.run(jobs, (job, result) => {
    if (result.failure) throw new RunFailed(job, result.failure);
    figures.set(job, result.figures);
    showProgress(job.scenario, figures.size, jobs.length);
  });
  return jobs.map((job) => figures.get(job));
}

function showProgress(scenario: string, done: number, all: number): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(done < all ? `\r${scenario}: ${done} of ${all} runs` : '\r\x1b[K');
}

function explain({ job, failure }: RunFailed): void {
  const policy = SCENARIOS.find(({ name }) => name === job.scenario)?.policies[job.policy];
  console.error(`\n${job.scenario}, seed ${job.seed}${policy ? `, ${policy.name}` : ''}`);
  if (failure.journal.length > 0) console.error(`The last events:\n${failure.journal.join('\n')}`);
  console.error(`\nBroken: ${failure.rule}`);
  console.error(
    `Replay: npm run simulate -- --scenario ${job.scenario} --seed ${job.seed} --seeds 1`,
  );
}

function seedsOf({ seed, seeds }: Options, fallback: number): number[] {
  return Array.from({ length: seeds ?? fallback }, (_, i) => seed + i);
}

interface Given {
  readonly scenario?: string;
  readonly store?: string;
  readonly seed?: string;
  readonly seeds?: string;
}

/** `undefined` among the scenarios stands for the faults. */
function readOptions({ scenario, store, seed = '1', seeds }: Given): Options {
  const known = [...SCENARIOS, undefined];
  const chosen = known.filter((one) => !scenario || (one?.name ?? FAULTS) === scenario);
  if (chosen.length === 0) throw new UsageError(`--scenario: there is no "${scenario}"`);
  if (store !== undefined && !isStoreName(store))
    throw new UsageError(`--store: there is no "${store}"`);
  return {
    scenarios: chosen,
    seed: wholeNumber('--seed', seed),
    seeds: seeds === undefined ? undefined : wholeNumber('--seeds', seeds),
    store,
  };
}

function isStoreName(name: string): name is StoreName {
  return Object.hasOwn(STORES, name);
}
