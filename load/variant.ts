import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { finished, startArtillery } from './artillery.ts';
import { followCircuit } from './circuit-follower.ts';
import { type Deployment, operatorArguments } from './deployments.ts';
import { createFaults } from './faults.ts';
import type { Options } from './options.ts';
import type { Plan } from './plan.ts';
import { createDisplay, createProgress, progressLine, type Snapshot } from './progress.ts';
import type { RawPaths } from './report/raw/recording.ts';
import type { Variant } from './report/report.ts';
import { followRequestLog } from './request-log.ts';

interface VariantRun {
  readonly variant: Variant;
  readonly deployment: Deployment;
  readonly options: Options;
  readonly plan: Plan;
  readonly paths: RawPaths;
  readonly out: NodeJS.WriteStream;
}

const REFRESH_MS = 500;

export async function runVariant(run: VariantRun): Promise<void> {
  const { variant, deployment, options, plan, paths } = run;
  const operator = operatorArguments(options);
  const faults = createFaults(plan, operator.fault);
  faults.advance(0);
  await faults.done();
  const circuit = variant === 'v2' ? followCircuit(operator.circuit, paths.circuit) : undefined;
  const { requestLog, artillery: output } = paths;
  const url = deployment.urls[variant];
  const load = finished(startArtillery({ variant, url, plan, output, requestLog }));
  await watch(run, {
    over: Promise.race([load, deployment.lost]),
    onElapsed: faults.advance,
    circuit: () => circuit?.state(),
  });
  await faults.done();
  await circuit?.stop();
  await writeFile(paths.faultSwitches, JSON.stringify(faults.switches, null, 2));
  await deployment.takeLogs(paths.logs);
  await deployment.close();
}

interface Load {
  readonly over: Promise<void>;
  readonly onElapsed: (seconds: number) => void;
  readonly circuit: () => string | undefined;
}

async function watch({ variant, plan, paths, out }: VariantRun, load: Load): Promise<void> {
  const progress = createProgress();
  const display = createDisplay(out);
  const log = await followRequestLog(paths.requestLog);
  const line = (now: Snapshot) =>
    progressLine({ label: variant, now, loadSeconds: plan.loadSeconds, circuit: load.circuit() });
  let running = true;
  const over = load.over.finally(() => {
    running = false;
  });
  try {
    while (running) {
      await Promise.race([sleep(REFRESH_MS), over]);
      for (const event of await log.next()) progress.add(event);
      const now = progress.at(Date.now());
      load.onElapsed(now.elapsedSeconds);
      const isOver = now.elapsedSeconds > plan.loadSeconds && now.waiting === 0;
      if (!isOver) display.show(line(now), Date.now());
    }
  } finally {
    await log.close();
    display.finish(line(progress.atLastAnswer()));
  }
}
