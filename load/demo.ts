/** The whole demonstration in one command. See `options.ts` for its usage. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkAccount } from './account.ts';
import { stopAllChildren } from './children.ts';
import { deploy, operatorArguments } from './deployments.ts';
import { DemoError } from './errors.ts';
import { runFaultCommand } from './faults.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { type Plan, planFor } from './plan.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { clock } from './progress.ts';
import { rawPaths, runPath } from './report/raw/recording.ts';
import { textReport } from './report/render/text.ts';
import type { Report, Run } from './report/report.ts';
import { REPORT_FILES, writeReport } from './report/write.ts';
import { createRunDirectory, makeLatest, removeIfEmpty } from './results.ts';
import { describeRun } from './run-facts.ts';
import { runVariant } from './variant.ts';

const VARIANTS = ['v1', 'v2'] as const;

let cleanUp = stopAllChildren;
let isInterrupted = false;
let directory: string | undefined;
let complaint: unknown;

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  const startedAt = new Date();
  const plan = planFor(options);
  checkPrerequisites(plan, options.target);
  const note = options.target === 'aws' ? await checkAccount(plan) : undefined;
  if (note) console.log(`Note: ${note}`);
  directory = await createRunDirectory(startedAt, plan);
  const run = describeRun(plan, { target: options.target, startedAt });
  await loadBoth(options, plan, { run, directory });
  if (isInterrupted) return;
  const report = await writeReport(directory);
  await makeLatest(directory, REPORT_FILES);
  tell(report, directory);
  console.log(`Done in ${clock((Date.now() - startedAt.getTime()) / 1000)}.`);
}

interface Recording {
  readonly run: Run;
  readonly directory: string;
}

async function loadBoth(
  options: Options,
  plan: Plan,
  { run, directory }: Recording,
): Promise<void> {
  for (const variant of VARIANTS) {
    if (isInterrupted) return; // nothing more is started
    console.log(`${variant}: getting ready ...`);
    const deployment = await deploy(options, plan);
    cleanUp = () => leaveNothing(options);
    const paths = rawPaths(directory, variant);
    await mkdir(paths.directory, { recursive: true });
    await writeFile(runPath(directory), `${JSON.stringify(run, null, 2)}\n`);
    await runVariant({ variant, deployment, options, plan, paths, out: process.stdout });
  }
}

function tell(report: Report, directory: string): void {
  console.log(`\n${textReport(report, process.stdout)}\n`);
  console.log('Charts and everything else:');
  console.log(`${pathToFileURL(join(directory, 'comparison.html'))}`);
}

/** What is deployed must not be left with its recommendations hanging. */
async function leaveNothing(options: Options): Promise<void> {
  await stopAllChildren();
  if (options.target === 'local') return;
  await runFaultCommand(['off', ...operatorArguments(options).fault]);
}

async function stopOn(signal: NodeJS.Signals): Promise<void> {
  if (isInterrupted) return;
  isInterrupted = true;
  console.log(`\n${signal}: stopping what was started ...`);
  await cleanUp().catch(complain);
  console.log('Stopped. Nothing is left running, and no earlier report was touched.');
  await leaveNoEmptyFolder();
  process.exit(130);
}

async function leaveNoEmptyFolder(): Promise<void> {
  if (directory === undefined || (await removeIfEmpty(directory))) return;
  console.log(`What was recorded so far is in ${relative('', directory)}.`);
}

/** What kept the run from going on may keep it from cleaning up too: once is enough. */
function complain(error: unknown): void {
  const words = error instanceof DemoError ? error.message : error;
  if (words !== complaint) console.error(words);
  complaint = words;
  process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopOn);
try {
  await main();
} catch (error) {
  if (!isInterrupted) complain(error);
}
if (!isInterrupted) {
  await cleanUp().catch(complain);
  if (process.exitCode === 1) await leaveNoEmptyFolder();
}
