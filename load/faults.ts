import { startChild } from './children.ts';
import { DemoError } from './errors.ts';
import { BROWNOUT_PERCENT, type Fault, type Phase, type Plan } from './plan.ts';
import type { FaultSwitch } from './report/report.ts';

/** Switches the fault with the operator's own command, and notes when it was in force. */
export function createFaults({ hangMs, phases }: Plan, operatorArguments: readonly string[]) {
  const switches: FaultSwitch[] = [];
  let pending: readonly Phase[] = phases;
  let work: Promise<void> = Promise.resolve();

  async function switchTo(fault: Fault): Promise<void> {
    const askedAtMs = Date.now();
    await runFaultCommand([...faultArguments(fault, hangMs), ...operatorArguments]);
    switches.push({ fault, askedAtMs, inForceAtMs: Date.now() });
  }

  return {
    switches,
    /** Begins the phases that are due, one after the other; `done` tells how it went. */
    advance(elapsedSeconds: number): void {
      const due = pending.filter(({ fromSeconds }) => fromSeconds <= elapsedSeconds);
      pending = pending.slice(due.length);
      for (const { fault } of due) work = work.then(() => switchTo(fault));
      work.catch(() => {}); // told by `done`
    },
    done: (): Promise<void> => work,
  };
}

export async function runFaultCommand(args: readonly string[]): Promise<void> {
  const command = startChild({ args: ['ops/fault.ts', ...args] });
  if ((await command.exited) === 0) return;
  throw new DemoError(`The fault could not be switched. The command said:\n${command.lastLines()}`);
}

function faultArguments(fault: Fault, hangMs: number): string[] {
  if (fault === 'none') return ['off'];
  const [ms, percent] = fault === 'hang' ? [hangMs, 100] : [0, BROWNOUT_PERCENT];
  return ['on', '--hang-ms', String(ms), '--percent', String(percent)];
}
