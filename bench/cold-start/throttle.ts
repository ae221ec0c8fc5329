/**
 * A share of a processor for another process: by a control group of the kernel where this may make one, as Lambda
 * does it, else by stopping the process for the rest of every slice. Stopping is the worse imitation: while it runs, the
 * process may run on several processors at once.
 */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SLICE_MS = 20;
const MOST_SHARES = '262144';
const MOST_WEIGHT = '10000';
const GROUP_PARENTS = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup'];
const GROUP_NAME = `cold-start-${process.pid}`;

export interface Throttle {
  readonly kind: string;
  /** The process has a whole processor until it is limited further. */
  start(pid: number): Limited;
}

export interface Limited {
  limit(share: number): void;
  /** Once the process has ended. */
  end(): Promise<void>;
}

export function throttle(): Throttle {
  const parent = GROUP_PARENTS.find(canHoldGroup);
  return parent ? byControlGroup(parent) : bySignals;
}

function canHoldGroup(parent: string): boolean {
  const group = join(parent, GROUP_NAME);
  try {
    mkdirSync(group);
    limit(group, 1);
    return true;
  } catch {
    return false;
  } finally {
    if (existsSync(group)) rmdirSync(group);
  }
}

/** The files of version 1 and 2; throws where it has neither. Up to its limit the group goes before other work. */
function limit(group: string, share: number): void {
  const [sliceUs, quotaUs] = [SLICE_MS * 1_000, Math.round(SLICE_MS * 1_000 * share)];
  if (existsSync(join(group, 'cpu.cfs_quota_us'))) {
    writeFileSync(join(group, 'cpu.cfs_period_us'), String(sliceUs));
    writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quotaUs));
    writeFileSync(join(group, 'cpu.shares'), MOST_SHARES);
    return;
  }
  if (!existsSync(join(group, 'cpu.max'))) throw new Error(`${group} cannot limit a processor`);
  writeFileSync(join(group, 'cpu.max'), `${quotaUs} ${sliceUs}`);
  writeFileSync(join(group, 'cpu.weight'), MOST_WEIGHT);
}

const byControlGroup = (parent: string): Throttle => ({
  kind: `a control group with a period of ${SLICE_MS} ms`,
  start(pid) {
    const group = join(parent, GROUP_NAME);
    mkdirSync(group);
    limit(group, 1);
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    return { limit: (share) => limit(group, share), end: () => remove(group) };
  },
});

async function remove(group: string): Promise<void> {
  for (let attempt = 0; existsSync(group); attempt++) {
    try {
      rmdirSync(group);
    } catch (error) {
      if (attempt > 100) throw error;
      await sleep(5); // the kernel still sees the process that has just ended
    }
  }
}

const bySignals: Throttle = {
  kind: `stopping the process for the rest of every ${SLICE_MS} ms`,
  start(pid) {
    let timer: NodeJS.Timeout | undefined;
    const run = (share: number) => {
      process.kill(pid, 'SIGCONT');
      timer = setTimeout(() => stop(share), SLICE_MS * share);
    };
    const stop = (share: number) => {
      process.kill(pid, 'SIGSTOP');
      timer = setTimeout(() => run(share), SLICE_MS * (1 - share));
    };
    return {
      limit: (share) => share < 1 && stop(share),
      end: async () => clearTimeout(timer),
    };
  },
};
