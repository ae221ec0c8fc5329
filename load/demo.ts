/** The whole demonstration in one command. See `options.ts` for its usage. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stopAllChildren } from './children.ts';
import { DemoError } from './errors.ts';
import { parseOptions, usage } from './options.ts';
import { planFor } from './plan.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { clock } from './progress.ts';
import { rawPaths, runPath } from './report/raw.ts';
import type { Run } from './report/report.ts';
import { textTable } from './report/rows.ts';
import { reportFiles, writeReport } from './report/write.ts';
import { describeRun } from './run-facts.ts';
import { runVariant } from './variant.ts';

const results = resolve('results');

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const startedAtMs = Date.now();
  const plan = planFor(options);
  checkPrerequisites(plan);
  await prepareResults(describeRun(plan));
  for (const variant of ['v1', 'v2'] as const) {
    await runVariant({ variant, plan, paths: rawPaths(results, variant), out: process.stdout });
  }
  const report = await writeReport(results);
  console.log(`\n${report.verdict.headline}\n${report.verdict.detail}\n\n${textTable(report)}\n`);
  for (const caveat of report.caveats) console.log(`Note: ${caveat}`);
  console.log(`\nOpen ${resolve(results, 'comparison.html')}`);
  console.log(`Done in ${clock((Date.now() - startedAtMs) / 1000)}.`);
}

/** A run that ends early must not leave an older run's report behind. */
async function prepareResults(run: Run): Promise<void> {
  for (const name of ['raw', ...reportFiles]) {
    await rm(resolve(results, name), { recursive: true, force: true });
  }
  for (const variant of ['v1', 'v2'] as const) {
    await mkdir(rawPaths(results, variant).directory, { recursive: true });
  }
  await writeFile(runPath(results), JSON.stringify(run, null, 2));
}

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, async () => {
    if (interrupted) return;
    interrupted = true;
    console.log(`\n${signal}: stopping what was started ...`);
    await stopAllChildren();
    console.log('Stopped. Nothing is left running; there is no report.');
    process.exit(130);
  });
}

try {
  await main();
} catch (error) {
  if (!interrupted) {
    console.error(error instanceof DemoError ? error.message : error);
    process.exitCode = 1;
  }
} finally {
  if (!interrupted) await stopAllChildren();
}
