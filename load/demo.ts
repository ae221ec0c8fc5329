/** The whole demonstration in one command. See `options.ts` for its usage. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { stopAllChildren } from './children.ts';
import { deploy, operatorArguments } from './deployments.ts';
import { DemoError } from './errors.ts';
import { runFaultCommand } from './faults.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { planFor } from './plan.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { clock } from './progress.ts';
import { rawPaths, runPath } from './report/raw.ts';
import type { Report, Run } from './report/report.ts';
import { textTable } from './report/rows.ts';
import { reportFiles, writeReport } from './report/write.ts';
import { describeRun } from './run-facts.ts';
import { runVariant } from './variant.ts';

const results = resolve('results');
const variants = ['v1', 'v2'] as const;

let cleanUp = stopAllChildren;
let interrupted = false;
let complaint: unknown;

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const startedAtMs = Date.now();
  const plan = planFor(options);
  checkPrerequisites(plan, options.target);
  for (const variant of variants) {
    if (interrupted) return; // nothing more is started
    console.log(`${variant}: getting ready ...`);
    const deployment = await deploy(options, plan);
    cleanUp = () => leaveNothing(options);
    // Not before: a wrong file or a taken port must not cost the last results.
    if (variant === 'v1') await prepareResults(describeRun(plan, options.target));
    const paths = rawPaths(results, variant);
    await runVariant({ variant, deployment, options, plan, paths, out: process.stdout });
  }
  if (interrupted) return;
  tell(await writeReport(results));
  console.log(`Done in ${clock((Date.now() - startedAtMs) / 1000)}.`);
}

/** A run that ends early must not leave an older run's report behind. */
async function prepareResults(run: Run): Promise<void> {
  for (const name of ['raw', ...reportFiles]) {
    await rm(resolve(results, name), { recursive: true, force: true });
  }
  for (const variant of variants) {
    await mkdir(rawPaths(results, variant).directory, { recursive: true });
  }
  await writeFile(runPath(results), `${JSON.stringify(run, null, 2)}\n`);
}

function tell(report: Report): void {
  const { headline, detail } = report.verdict;
  console.log(`\n${headline}\n${detail}\n\n${textTable(report)}\n`);
  for (const caveat of report.caveats) console.log(`Note: ${caveat}`);
  console.log('Written:');
  for (const name of reportFiles) console.log(`  ${relative('', resolve(results, name))}`);
}

/** What is deployed must not be left with its recommendations hanging. */
async function leaveNothing(options: Options): Promise<void> {
  await stopAllChildren();
  if (options.target === 'local') return;
  await runFaultCommand(['off', ...operatorArguments(options).fault]);
}

async function stopOn(signal: NodeJS.Signals): Promise<void> {
  if (interrupted) return;
  interrupted = true;
  console.log(`\n${signal}: stopping what was started ...`);
  await cleanUp().catch(complain);
  console.log('Stopped. Nothing is left running; there is no new report.');
  process.exit(130);
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
  if (!interrupted) complain(error);
}
if (!interrupted) await cleanUp().catch(complain);
