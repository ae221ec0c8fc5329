/** `npm run local`: serves the synthesized stack on this machine until Ctrl-C. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cloud, startCloud } from './cloud.ts';
import type { CloudEvent } from './observer.ts';
import { parseOptions, usage } from './options.ts';
import { readProject } from './project.ts';
import { readyTable } from './ready-table.ts';
import { explainStart } from './state-error.ts';
import { ASSEMBLY_DIR, synthesize } from './synth.ts';
import { createTerminal } from './terminal.ts';

/** Promised is 2 s; threads that have not ended by then end with the process. */
const CLOSE_LIMIT_MS = 1_500;
const SHELL_WATCH_MS = 200;

let cloud: Cloud | undefined;
let stopping = false;

async function main(): Promise<void> {
  const project = readProject();
  const options = parseOptions(project);
  if (!options) return console.log(usage(project));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
  stopWithShell();
  const startedAtMs = performance.now();
  await synthesize();
  cloud = await startCloud({
    ...options,
    assemblyDir: ASSEMBLY_DIR,
    stateDir: resolve('.local'),
    observer: { publish: tell },
  });
  console.log(readyTable(cloud, project.hints));
  console.log(
    `ready in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s; Ctrl-C stops everything`,
  );
}

const wordsFor = createTerminal();

function tell(event: CloudEvent): void {
  const words = stopping ? undefined : wordsFor(event);
  if (words !== undefined) console.error(words);
}

/** A SIGTERM for npm ends the shell between npm and this process and gets no further: the shell's end is the signal. */
function stopWithShell(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && void stop(0), SHELL_WATCH_MS).unref();
}

/** npm and the terminal may both send the signal: the second one changes nothing. */
async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await Promise.race([cloud?.close(), sleep(CLOSE_LIMIT_MS)]);
  process.exit(exitCode);
}

try {
  await main();
} catch (error) {
  console.error(explainStart(error));
  // A start that fails must end, whatever of it still runs.
  await stop(1);
}
