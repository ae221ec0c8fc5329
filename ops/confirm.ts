/** Before something is changed where others may be using it: say where that is, and ask. */
import { createInterface } from 'node:readline/promises';

export interface Change {
  /** For example "switch the fault of fleet-breaker-live-recommendations on". */
  readonly what: string;
  readonly stage: string;
  readonly region: string;
  /** The option that answers ahead, for scripts. */
  readonly option: string;
  readonly isAnswered: boolean;
}

/** Of a function or table as the stack names it; of any other its whole name. */
export const stageOfResource = (name: string): string =>
  /^fleet-breaker-(.+)-(recommendations|circuits)$/.exec(name)?.[1] ?? name;

/** Rejects when the answer is no, or when there is nobody to ask. */
export async function confirmChange({
  what,
  stage,
  region,
  option,
  isAnswered,
}: Change): Promise<void> {
  if (stage === 'demo' || isAnswered) return;
  const where = `stage ${stage} in ${region}`;
  if (!process.stdin.isTTY) {
    throw new Error(`This would ${what}: ${where}. Add ${option} if you mean it`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`This will ${what}: ${where}. Go on? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('Nothing was changed');
}

interface OperatorsChange {
  readonly what: string;
  /** The function or table that is changed, or whose stack is. */
  readonly resource: string;
  readonly region: string;
  /** What `--stage` was given. */
  readonly given: string | undefined;
}

/** As above, for a command that is given a stack's outputs and not its stage. */
export function confirmStage({ what, resource, region, given }: OperatorsChange): Promise<void> {
  const stage = stageOfResource(resource);
  if (given !== undefined && given !== stage) {
    throw new Error(`--stage ${given}: this is stage ${stage}`);
  }
  const option = `--stage ${stage}`;
  return confirmChange({ what, stage, region, option, isAnswered: given === stage });
}
