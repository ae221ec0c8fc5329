import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { finished, startArtillery } from './artillery.ts';
import { followCircuit } from './circuit-follower.ts';
import { type Deployment, operatorArguments } from './deployments.ts';
import { createDisplay, type Moment } from './display.ts';
import { createFaults } from './faults.ts';
import type { Options } from './options.ts';
import type { PhaseKey, Plan } from './plan.ts';
import { createProgress, type Snapshot } from './progress.ts';
import { createRecovery } from './recovery.ts';
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
  const faults = createFaults(plan, {
    operatorArguments: operator.fault,
    obeysAtOnce: deployment.obeysAtOnce,
  });
  faults.advance(0);
  await faults.done();
  const circuit = variant === 'v2' ? followCircuit(operator.circuit, paths.circuit) : undefined;
  const { requestLog, stopFile, artillery: output } = paths;
  const url = deployment.urls[variant];
  const { isSigned } = deployment;
  const load = finished(
    startArtillery({ variant, url, plan, output, requestLog, stopFile, isSigned }),
  );
  await watch(run, {
    over: Promise.race([load, deployment.lost]),
    faults,
    circuitState: () => circuit?.state(),
  });
  await faults.done();
  await circuit?.stop();
  await writeFile(paths.faultSwitches, JSON.stringify(faults.switches, null, 2));
  await deployment.takeLogs(paths.logs);
  await deployment.close();
}

interface Load {
  readonly over: Promise<void>;
  readonly faults: ReturnType<typeof createFaults>;
  readonly circuitState: () => string | undefined;
}

/** Until the load is over: shows it, switches the fault when a phase begins, and ends it when all is well again. */
async function watch({ variant, plan, paths, out }: VariantRun, load: Load): Promise<void> {
  const { faults, circuitState } = load;
  const progress = createProgress();
  const recovery = createRecovery();
  const display = createDisplay(out);
  const log = await followRequestLog(paths.requestLog);
  const moment = (now: Snapshot): Moment => {
    const phase = faults.switches.at(-1)?.phase ?? 'before';
    const phaseSeconds = secondsOf(phase, plan);
    return { variant, now, circuitState: circuitState(), phase: plan.phases[phase], phaseSeconds };
  };
  let isRunning = true;
  let isStopped = false;
  const over = load.over.finally(() => {
    isRunning = false;
  });
  try {
    while (isRunning) {
      await Promise.race([sleep(REFRESH_MS), over]);
      const faultEnd = faults.switches.find(({ phase }) => phase === 'after');
      if (faultEnd) recovery.faultEnded(faultEnd.askedAtMs);
      for (const event of await log.next()) {
        progress.add(event);
        recovery.add(event);
      }
      const now = progress.at(Date.now());
      faults.advance(now.elapsedSeconds);
      const servedForSeconds = recovery.servedAgainForSeconds(Date.now(), circuitState()) ?? -1;
      if (!isStopped && servedForSeconds >= plan.afterwardsSeconds) {
        isStopped = true;
        await writeFile(paths.stopFile, '');
      }
      if (!isStopped) display.show(moment(now), Date.now());
    }
  } finally {
    await log.close();
    display.finish(moment(progress.atLastAnswer()));
  }
}

/** Null: the last phase ends when everybody is served again. */
function secondsOf(phase: PhaseKey, { phases }: Plan): number | null {
  if (phase === 'before') return phases.fault.fromSeconds;
  return phase === 'fault' ? phases.after.fromSeconds - phases.fault.fromSeconds : null;
}
