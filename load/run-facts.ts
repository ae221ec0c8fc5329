import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Target } from '../ops/targets.ts';
import type { Plan } from './plan.ts';
import type { Run } from './report/report.ts';

interface Start {
  readonly target: Target;
  readonly startedAt: Date;
}

/** What somebody needs to know to judge or repeat a run. */
export function describeRun(plan: Plan, { target, startedAt }: Start): Run {
  const require = createRequire(import.meta.url);
  const version = (name: string): string => require(`${name}/package.json`).version;
  return {
    startedAt: startedAt.toISOString(),
    plan,
    target,
    versions: {
      node: process.versions.node,
      artillery: version('artillery'),
      'fleet-breaker': version('../breaker'),
    },
    machine: {
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cpus: availableParallelism(),
      'memory in GiB': Math.round(totalmem() / 2 ** 30),
    },
  };
}
