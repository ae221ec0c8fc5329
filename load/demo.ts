/** The whole demonstration in one command. See `options.ts` for its usage. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { stopAllChildren } from './children.ts';
import { deploy, operatorArguments } from './deployments.ts';
import { DemoError } from './errors.ts';
import { runFaultCommand } from './faults.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { planFor } from './plan.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { clock } from './progress.ts';
import { rawPaths, runPath } from './report/raw/recording.ts';
import { textTable } from './report/render/rows.ts';
import type { Report, Run } from './report/report.ts';
import { REPORT_FILES, writeReport } from './report/write.ts';
import { describeRun } from './run-facts.ts';
import { runVariant } from './variant.ts';

const RESULTS = resolve('results');
const VARIANTS = ['v1', 'v2'] as const;

let cleanUp = stopAllChildren;
let interrupted = false;
let complaint: unknown;

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  const startedAtMs = Date.now();
  const plan = planFor(options);
  checkPrerequisites(plan, options.target);
  for (const variant of VARIANTS) {
    if (interrupted) return; // nothing more is started
    console.log(`${variant}: getting ready ...`);
    const deployment = await deploy(options, plan);
    cleanUp = () => leaveNothing(options);
    // Not before: a wrong file or a taken port must not cost the last results.
    if (variant === 'v1') await prepareResults(describeRun(plan, options.target));
    const paths = rawPaths(RESULTS, variant);
    await runVariant({ variant, deployment, options, plan, paths, out: process.stdout });
  }
  if (interrupted) return;
  tell(await writeReport(RESULTS));
  console.log(`Done in ${clock((Date.now() - startedAtMs) / 1000)}.`);
}

/** A run that ends early must not leave an older run's report behind. */
async function prepareResults(run: Run): Promise<void> {
  for (const name of ['raw', ...REPORT_FILES]) {
    await rm(resolve(RESULTS, name), { recursive: true, force: true });
  }
  for (const variant of VARIANTS) {
    await mkdir(rawPaths(RESULTS, variant).directory, { recursive: true });
  }
  await writeFile(runPath(RESULTS), `${JSON.stringify(run, null, 2)}\n`);
}

function tell(report: Report): void {
  const { headline, detail } = report.verdict;
  console.log(`\n${headline}\n${detail}\n\n${textTable(report)}\n`);
  for (const caveat of report.caveats) console.log(`Note: ${caveat}`);
  console.log('Written:');
  for (const name of REPORT_FILES) console.log(`  ${relative('', resolve(RESULTS, name))}`);
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
