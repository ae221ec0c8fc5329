import { startChild } from './children.ts';
import { DemoError } from './errors.ts';
import { BROWNOUT_PERCENT, type Fault, PHASE_KEYS, type PhaseKey, type Plan } from './plan.ts';
import type { FaultSwitch } from './report/report.ts';

/** Where the fault is switched. */
interface Place {
  readonly operatorArguments: readonly string[];
  /** See `Deployment`. */
  readonly obeysAtOnce: boolean;
}

/** Switches the fault with the operator's own command, and notes when each switch was in force. */
export function createFaults({ hangMs, phases }: Plan, { operatorArguments, obeysAtOnce }: Place) {
  const switches: FaultSwitch[] = [];
  let pending: readonly PhaseKey[] = PHASE_KEYS;
  let work: Promise<void> = Promise.resolve();

  async function beginPhase(phase: PhaseKey): Promise<void> {
    const { fault } = phases[phase];
    const { askedAtMs, ...change } = await runFaultCommand([
      ...faultArguments(fault, hangMs),
      ...operatorArguments,
    ]);
    const inForceAtMs = obeysAtOnce ? change.acceptedAtMs : change.inForceAtMs;
    switches.push({ phase, fault, askedAtMs, inForceAtMs });
  }

  return {
    /** The last one belongs to the phase that is under way. */
    switches: switches as readonly FaultSwitch[],
    /** Begins the phases that are due, one after the other; `done` tells how that went. */
    advance(elapsedSeconds: number): void {
      const due = pending.filter((phase) => phases[phase].fromSeconds <= elapsedSeconds);
      pending = pending.slice(due.length);
      for (const phase of due) work = work.then(() => beginPhase(phase));
      work.catch(() => {}); // `done` tells it
    },
    done: (): Promise<void> => work,
  };
}

/** What the command prints with `--json`. */
interface FaultChange {
  readonly askedAtMs: number;
  readonly acceptedAtMs: number;
  readonly inForceAtMs: number;
}

export async function runFaultCommand(args: readonly string[]): Promise<FaultChange> {
  const command = startChild({ args: ['ops/fault.ts', ...args, '--json'] });
  const code = await command.exited;
  const change = command
    .lastLines()
    .split('\n')
    .findLast((line) => line.startsWith('{'));
  if (code === 0 && change) return JSON.parse(change);
  throw new DemoError(`The fault could not be switched. The command said:\n${command.lastLines()}`);
}

function faultArguments(fault: Fault, hangMs: number): string[] {
  if (fault === 'none') return ['off'];
  const [ms, percent] = fault === 'hang' ? [hangMs, 100] : [0, BROWNOUT_PERCENT];
  return ['on', '--hang-ms', String(ms), '--percent', String(percent)];
}
