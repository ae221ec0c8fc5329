/**
 * `npm run bench:cold-start`: what the first user of an environment of gateway-v2 waits for, by how it is bundled and how
 * much memory it has.
 *
 * Each figure is the median of environments that are processes of their own. On Lambda the initialization has a whole
 * processor, and a request the share that the memory pays for: 1769 MB are a whole one. `ratio` compares the two
 * together with the first variant; `circuit` is when the first look at the circuit was answered, counted from the start of the
 * request: the breaker does not wait for it longer than 500 ms; `failing` is a second request whose recommendations fail,
 * and which logs a stack trace.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Told } from './environment.ts';
import { type Services, startServices } from './services.ts';
import { throttle } from './throttle.ts';
import { type Bundle, bundle, VARIANTS, type Variant } from './variants.ts';

const WHOLE_PROCESSOR_MB = 1_769;
const MEMORY_MB = [512, 1_024, 1_769];
/** Of a product service that is warm, and of one that starts itself. */
const PRODUCT_MS = [30, 300];

const requestFor = (id: string) => ({
  ...{ resource: '/product-details/{id}', httpMethod: 'GET', headers: {} },
  ...{ pathParameters: { id }, requestContext: { requestId: 'bench' } },
});

interface Start {
  readonly initMs: number;
  readonly requestMs: number;
  readonly circuitMs: number;
  readonly failingMs: number;
}

const directory = mkdtempSync(join(tmpdir(), 'cold-start-'));
const limited = throttle();
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
  const bundles = new Map<Variant, Bundle>();
  for (const name of names) bundles.set(name, await bundle(name, directory));
  console.log(`A share of a processor is imitated by ${limited.kind}.`);
  for (const memoryMb of MEMORY_MB) {
    for (const productMs of PRODUCT_MS) {
      const starts = await measure(bundles, { memoryMb, productMs, runs: Number(values.runs) });
      console.log(`\n${memoryMb} MB, the product answers after ${productMs} ms:`);
      console.table(summary(starts));
    }
  }
}

interface Case {
  readonly memoryMb: number;
  readonly productMs: number;
  readonly runs: number;
}

type Starts = Map<Variant, Start[]>;

/** In turns, so that a slow minute of this machine is everybody's. */
async function measure(bundles: Map<Variant, Bundle>, { memoryMb, productMs, runs }: Case) {
  const services = await startServices(productMs);
  const starts: Starts = new Map([...bundles.keys()].map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, { file, nodeOptions }] of bundles) {
      const share = memoryMb / WHOLE_PROCESSOR_MB;
      const env = { ...services.env, NODE_OPTIONS: nodeOptions };
      starts.get(name)?.push(await start(file, { ...services, env }, share));
    }
  }
  services.close();
  return starts;
}

async function start(file: string, services: Services, share: number): Promise<Start> {
  const { env } = services;
  environment = fork(join(import.meta.dirname, 'environment.ts'), [file], { env, silent: true });
  environment.stdout?.resume(); // its log, which must not fill the pipe
  const processor = limited.start(environment.pid ?? 0);
  const { tookMs: initMs } = await told(environment);
  processor.limit(share);
  services.forgetCircuitRead();
  const sentAtMs = performance.now();
  const requestMs = await request(environment, '1');
  const circuitMs = services.circuitReadAtMs() - sentAtMs;
  const failingMs = await request(environment, '500');
  environment.kill('SIGKILL');
  await processor.end();
  return { initMs, requestMs, circuitMs, failingMs };
}

async function request(child: ChildProcess, id: string): Promise<number> {
  child.send(requestFor(id));
  const { tookMs, statusCode } = await told(child);
  if (statusCode !== 200) throw new Error(`the gateway answered ${statusCode}`);
  return tookMs;
}

async function told(child: ChildProcess): Promise<Told> {
  const stopWaiting = new AbortController();
  const { signal } = stopWaiting;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the environment ended (exit code ${code})`);
  });
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message;
  } finally {
    ended.catch(() => {}); // the wait for it is given up
    stopWaiting.abort();
  }
}

function summary(starts: Starts) {
  const [first = []] = starts.values();
  const together = (all: Start[]) => median(all.map(({ initMs, requestMs }) => initMs + requestMs));
  return Object.fromEntries(
    [...starts].map(([name, all]) => [
      name,
      {
        'init ms': median(all.map(({ initMs }) => initMs)),
        'request ms': median(all.map(({ requestMs }) => requestMs)),
        'together ms': together(all),
        ratio: Number((together(all) / together(first)).toFixed(2)),
        'circuit ms': median(all.map(({ circuitMs }) => circuitMs)),
        'failing ms': median(all.map(({ failingMs }) => failingMs)),
      },
    ]),
  );
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
}

await main();
