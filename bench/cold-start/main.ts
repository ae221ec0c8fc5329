/**
 * `npm run bench:cold-start`: what the first user of an environment of gateway-v2 waits for, by how it is bundled.
 *
 * Each figure is the median of environments that are processes of their own. On Lambda the initialization has a
 * whole processor, and the request what the memory pays for; a share is imitated by stopping the process for the
 * rest of every 20 ms, as Lambda's scheduler does.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Told } from './environment.ts';
import { type Services, startServices } from './services.ts';
import { build, VARIANTS, type Variant } from './variants.ts';

/** 1769 MB are a whole processor; the gateways have 512 MB. */
const SHARES = { 'a whole processor': 1, '29 % of one (512 MB)': 512 / 1_769 };
/** Of a product service that is warm, and of one that starts itself. */
const PRODUCT_MS = [30, 300];
const SLICE_MS = 20;
const EVENT = {
  ...{ resource: '/product-details/{id}', httpMethod: 'GET', headers: {} },
  ...{ pathParameters: { id: '1' }, requestContext: { requestId: 'bench' } },
};

interface Start {
  readonly init: Told;
  readonly request: Told;
}

const directory = mkdtempSync(join(tmpdir(), 'cold-start-'));
/** The one that is measured; stopped as it may be, it would outlive this process. */
let environment: ChildProcess | undefined;
process.once('exit', () => {
  environment?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' } } });
  if (!/^[1-9]\d{0,2}$/.test(values.runs)) throw new Error('--runs takes a number from 1 to 999');
  const names = Object.keys(VARIANTS) as Variant[];
  const files = names.map((name) => [name, build(name, directory)] as const);
  for (const [processor, share] of Object.entries(SHARES)) {
    for (const productMs of PRODUCT_MS) {
      const services = await startServices(productMs);
      const starts = new Map(names.map((name) => [name, [] as Start[]]));
      // In turns, so that a slow minute of this machine is everybody's.
      for (let run = 0; run < Number(values.runs); run++) {
        for (const [name, file] of files)
          starts.get(name)?.push(await start(file, share, services));
      }
      services.close();
      console.log(`\nThe request has ${processor}, the product answers after ${productMs} ms:`);
      console.table(summary(starts));
    }
  }
}

async function start(file: string, share: number, { env }: Services): Promise<Start> {
  environment = fork(join(import.meta.dirname, 'environment.ts'), [file], { env, silent: true });
  const init = await told(environment);
  const stopThrottle = share < 1 ? throttle(environment, share) : () => {};
  environment.send(EVENT);
  const request = await told(environment);
  stopThrottle();
  environment.kill('SIGKILL');
  if (request.statusCode !== 200) throw new Error(`the gateway answered ${request.statusCode}`);
  return { init, request };
}

async function told(child: ChildProcess): Promise<Told> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the environment ended (exit code ${code})`);
  });
  const [message] = await Promise.race([once(child, 'message'), ended]);
  ended.catch(() => {}); // it is ended below, on purpose
  return message;
}

function throttle(environment: ChildProcess, share: number): () => void {
  let timer: NodeJS.Timeout;
  const run = () => {
    environment.kill('SIGCONT');
    timer = setTimeout(stop, SLICE_MS * share);
  };
  const stop = () => {
    environment.kill('SIGSTOP');
    timer = setTimeout(run, SLICE_MS * (1 - share));
  };
  stop();
  return () => clearTimeout(timer);
}

function summary(starts: Map<Variant, Start[]>) {
  const first = starts.values().next().value ?? [];
  const together = ({ init, request }: Start) => init.tookMs + request.tookMs;
  return Object.fromEntries(
    [...starts].map(([name, all]) => [
      name,
      {
        'init ms': median(all.map(({ init }) => init.tookMs)),
        'of it processor': median(all.map(({ init }) => init.processorMs)),
        'request ms': median(all.map(({ request }) => request.tookMs)),
        'of it processor ': median(all.map(({ request }) => request.processorMs)),
        'together ms': median(all.map(together)),
        ratio: Number((median(all.map(together)) / median(first.map(together))).toFixed(2)),
      },
    ]),
  );
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
}

await main();
