/** `npm run local`: serves the synthesized stack on this machine until Ctrl-C. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Cloud, type CloudOptions, startCloud } from './cloud.ts';
import { parsePorts } from './ports.ts';
import { readyTable } from './ready-table.ts';
import { ASSEMBLY_DIR, synthesize } from './synth.ts';

const USAGE = `npm run local -- [options]
  --fail                    start with the recommendations hanging
  --prewarm N               start N environments of every function ahead (default 0)
  --account-concurrency N   invocations at once, all functions together (default 1000)
  --enforce-iam             refuse unsigned requests to product and recommendations, as AWS does
  --port NAME=N             another port for gateway-v1, product, recommendations, gateway-v2,
                            dynamodb or lambda; may be repeated`;

/** Promised is 2 s; threads that have not ended by then end with the process. */
const CLOSE_LIMIT_MS = 1_500;
const SHELL_WATCH_MS = 200;

type Options = Omit<CloudOptions, 'assemblyDir' | 'stateDir'>;

let cloud: Cloud | undefined;
let stopping = false;

async function main(): Promise<void> {
  const options = parseOptions();
  if (!options) return console.log(USAGE);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));
  stopWithShell();
  const startedAtMs = performance.now();
  await synthesize();
  cloud = await startCloud({
    ...options,
    assemblyDir: ASSEMBLY_DIR,
    stateDir: resolve('.local'),
  });
  console.log(readyTable(cloud));
  console.log(
    `ready in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s; Ctrl-C stops everything`,
  );
  await cloud.engine.exited;
  if (stopping) return;
  console.error(`the DynamoDB engine (${cloud.engine.name}) has ended; stopping`);
  await stop(1);
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

/** Undefined when only the usage is wanted. */
function parseOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean' },
      fail: { type: 'boolean', default: false },
      'enforce-iam': { type: 'boolean', default: false },
      prewarm: { type: 'string', default: '0' },
      'account-concurrency': { type: 'string', default: '1000' },
      port: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.help) return undefined;
  return {
    fail: values.fail,
    enforceIam: values['enforce-iam'],
    prewarm: wholeNumber('--prewarm', values.prewarm),
    accountConcurrency: wholeNumber('--account-concurrency', values['account-concurrency']),
    ports: parsePorts(values.port),
  };
}

function wholeNumber(option: string, value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new Error(`${option} ${value}: write a whole number, for example ${option} 10`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
