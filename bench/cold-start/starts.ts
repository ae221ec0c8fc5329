/** Starts of gateway-v2 in processes of their own, by how it is bundled. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Told } from './environment.ts';
import { type Services, startServices } from './services.ts';
import { throttle } from './throttle.ts';
import { type Bundle, bundle, VARIANTS, type Variant } from './variants.ts';

const WHOLE_PROCESSOR_MB = 1_769;

const requestFor = (id: string) => ({
  ...{ resource: '/product-details/{id}', httpMethod: 'GET', headers: {} },
  ...{ pathParameters: { id }, requestContext: { requestId: 'bench' } },
});

export interface Start {
  readonly initMs: number;
  readonly requestMs: number;
  readonly circuitMs: number;
  readonly failingMs: number;
}

const directory = mkdtempSync(join(tmpdir(), 'cold-start-'));
export const limited = throttle();
/** The one that is measured; stopped as it may be, it would outlive this process. */
let environment: ChildProcess | undefined;
process.once('exit', () => {
  environment?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

export async function bundles(): Promise<Map<Variant, Bundle>> {
  const all = new Map<Variant, Bundle>();
  for (const name of Object.keys(VARIANTS) as Variant[]) {
    all.set(name, await bundle(name, directory));
  }
  return all;
}

export interface Case {
  readonly memoryMb: number;
  readonly productMs: number;
  readonly runs: number;
}

export type Starts = Map<Variant, Start[]>;

/** In turns, so that a slow minute of this machine is everybody's. */
export async function startAll(bundles: Map<Variant, Bundle>, { memoryMb, productMs, runs }: Case) {
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
