/** Before something is changed where others may be using it: say where that is, and ask. */
import { createInterface } from 'node:readline/promises';

export interface Change {
  /** For example "switch the fault of fleet-breaker-live-recommendations". */
  readonly what: string;
  /** Undefined: nobody knows, so it is not the demo's. */
  readonly stage: string | undefined;
  readonly region: string;
  /** `--yes`: asked and answered already. */
  readonly yes: boolean;
}

/** Of a function or table as the stack names it. */
export const stageOfResource = (name: string): string | undefined =>
  /^fleet-breaker-(.+)-(recommendations|circuits)$/.exec(name)?.[1];

/** Rejects when the answer is no, or when there is nobody to ask. */
export async function confirmChange({ what, stage, region, yes }: Change): Promise<void> {
  if (stage === 'demo' || yes) return;
  const where = `${stage ? `stage ${stage}` : 'a stage that is not known'} in ${region}`;
  if (!process.stdin.isTTY) {
    throw new Error(
      `This would ${what}: ${where}, which is not the demo. Add --yes if you mean it`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`This will ${what}: ${where}. Go on? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error('Nothing was changed');
}
