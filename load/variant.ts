import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { finished, startArtillery } from './artillery.ts';
import type { Child } from './children.ts';
import { DemoError } from './errors.ts';
import { createFaults } from './faults.ts';
import { startLocalCloud, takeLogs } from './local-cloud.ts';
import type { Plan } from './plan.ts';
import { createDisplay, createProgress, progressLine } from './progress.ts';
import type { RawPaths } from './report/raw.ts';
import type { Variant } from './report/report.ts';
import { followRequestLog } from './request-log.ts';

interface VariantRun {
  readonly variant: Variant;
  readonly plan: Plan;
  readonly paths: RawPaths;
  readonly out: NodeJS.WriteStream;
}

const refreshMs = 500;

/** Every variant gets a fresh local cloud, so that neither inherits warm environments or work from the other. */
export async function runVariant(run: VariantRun): Promise<void> {
  const { variant, plan, paths, out } = run;
  out.write(`${variant}: starting the local cloud ...\n`);
  const cloud = await startLocalCloud([
    ...['--prewarm', String(plan.prewarm)],
    ...['--account-concurrency', String(plan.accountConcurrency)],
  ]);
  const url = cloud.outputs[`Gateway${variant.toUpperCase()}Url`];
  if (!url) throw new DemoError(`The local cloud has no output with the URL of ${variant}.`);
  const faults = createFaults(plan);
  faults.advance(0);
  await faults.done();
  const { requestLog, artillery: output } = paths;
  const load = finished(startArtillery({ variant, url, plan, output, requestLog }));
  await watch(run, {
    over: Promise.race([load, failWith(cloud.child)]),
    onElapsed: faults.advance,
  });
  await faults.done();
  await writeFile(paths.faultSwitches, JSON.stringify(faults.switches, null, 2));
  await takeLogs(paths.logs, plan.hangMs);
  await cloud.child.stop();
}

interface Load {
  readonly over: Promise<void>;
  readonly onElapsed: (seconds: number) => void;
}

async function watch({ variant, plan, paths, out }: VariantRun, load: Load): Promise<void> {
  const progress = createProgress();
  const display = createDisplay(out);
  const log = await followRequestLog(paths.requestLog);
  let running = true;
  const over = load.over.finally(() => {
    running = false;
  });
  while (running) {
    await Promise.race([sleep(refreshMs), over]);
    for (const event of await log.next()) progress.add(event);
    const now = progress.at(Date.now());
    load.onElapsed(now.elapsedSeconds);
    display.show(progressLine(variant, now, plan.loadSeconds), Date.now());
  }
  await log.close();
  display.finish(progressLine(variant, progress.atLastAnswer(), plan.loadSeconds));
}

async function failWith(cloud: Child): Promise<never> {
  await cloud.exited;
  throw new DemoError(`The local cloud ended during the load. It said:\n${cloud.lastLines()}`);
}
