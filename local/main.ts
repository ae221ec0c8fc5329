/** `npm run local`: serves the synthesized stack on this machine until Ctrl-C. */
import { resolve } from 'node:path';
import { startCloud } from './cloud.ts';
import { beginLifetime } from './lifetime.ts';
import type { CloudEvent } from './observer.ts';
import { parseOptions, usage } from './options.ts';
import { readProject } from './project.ts';
import { readyTable } from './ready-table.ts';
import { explainStart } from './state-error.ts';
import { ASSEMBLY_DIR, synthesize } from './synth.ts';
import { createTerminal } from './terminal.ts';

const lifetime = beginLifetime();
const wordsFor = createTerminal();

async function main(): Promise<void> {
  const project = readProject();
  const options = parseOptions(project);
  if (!options) {
    console.log(usage(project));
    return lifetime.end(0);
  }
  const startedAtMs = performance.now();
  await synthesize();
  const cloud = await startCloud({
    ...options,
    assemblyDir: ASSEMBLY_DIR,
    stateDir: resolve('.local'),
    observer: { publish: tell },
  });
  lifetime.onEnd(cloud.close);
  console.log(readyTable(cloud, project.hints));
  console.log(
    `ready in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s; Ctrl-C stops everything`,
  );
}

function tell(event: CloudEvent): void {
  const words = lifetime.isOver ? undefined : wordsFor(event);
  if (words !== undefined) console.error(words);
}

try {
  await main();
} catch (error) {
  console.error(explainStart(error));
  // A start that fails must end, whatever of it still runs.
  await lifetime.end(1);
}
