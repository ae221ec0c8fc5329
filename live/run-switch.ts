import { join } from 'node:path';
import { startChild } from '../load/children.ts';
import { ROOT } from '../local/project.ts';
import { SWITCHES } from './switches.ts';

export interface Switched {
  readonly isDone: boolean;
  /** What the command said, for when it failed. */
  readonly said: string;
}

/** Runs the command of a switch, on the local cloud whose outputs are in `outputsFile`. */
export async function runSwitch(id: string, outputsFile: string): Promise<Switched | undefined> {
  const chosen = SWITCHES.find((one) => one.id === id);
  if (!chosen) return undefined;
  const [script = '', ...flags] = [...chosen.program].reverse();
  const child = startChild({
    args: [...flags, join(ROOT, script), ...chosen.args, '--outputs', outputsFile],
  });
  const exitCode = await child.exited;
  return { isDone: exitCode === 0, said: child.lastLines() };
}
