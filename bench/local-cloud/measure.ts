import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../local/synth.ts';
import { freePorts } from '../../local/testdata/fixture-cloud.ts';
import { startDemoCloud } from '../../test/support/demo-cloud.ts';
import { figureOf, type Measured, type Row } from '../suite/results.ts';

const STARTS = 3;
const REQUESTS = 500;
const WARM_UP_REQUESTS = 200;
/** Of each of the four functions: 200 altogether. */
const PREWARM = 50;
const MEGABYTE = 1_000_000;
const MAIN = join(import.meta.dirname, '../../local/main.ts');

/** Of `npm run local`, with a template that is up to date. */
async function msUntilReady(): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-local-'));
  const parts = ['gateway-v1', 'product', 'recommendations', 'gateway-v2', 'dynamodb', 'lambda'];
  const ports = [...(await freePorts(...parts))].flatMap(([part, port]) => [
    '--port',
    `${part}=${port}`,
  ]);
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [MAIN, ...ports], {
    ...{ cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  const kill = () => child.kill();
  process.once('exit', kill);
  let printed = '';
  for await (const text of child.stdout ?? []) {
    printed += text;
    if (/^ready /m.test(printed)) break;
  }
  const readyMs = performance.now() - startedAtMs;
  child.kill('SIGTERM');
  await once(child, 'exit');
  process.off('exit', kill);
  rmSync(directory, { recursive: true });
  return readyMs;
}

/** The time of a request beyond what its function takes, by the function's own log. */
async function overheadMs(): Promise<number[]> {
  const cloud = await startDemoCloud({ prewarm: 1, enforceIam: false });
  const tookMs: number[] = [];
  for (let request = 0; request < WARM_UP_REQUESTS + REQUESTS; request++) {
    const askedAtMs = performance.now();
    await cloud.get('product', '/products/1');
    tookMs.push(performance.now() - askedAtMs);
  }
  const log = [...cloud.logs('product').values()].join('');
  const durations = [...log.matchAll(/\tDuration: ([\d.]+) ms/g)].map(([, ms]) => Number(ms));
  await cloud.close();
  const ownMs = figureOf(durations.slice(-REQUESTS)).median;
  return tookMs.slice(WARM_UP_REQUESTS).map((ms) => ms - ownMs);
}

/** Of this process, in which the environments are threads. */
async function megabytesOfEnvironments(): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  const cloud = await startDemoCloud({ prewarm: PREWARM });
  const { rss } = process.memoryUsage();
  await cloud.close();
  return (rss - before) / MEGABYTE;
}

export async function measure(): Promise<Measured> {
  await synthesize();
  const ready: number[] = [];
  for (let start = 0; start < STARTS; start++) ready.push(await msUntilReady());
  const overhead = (await overheadMs()).toSorted((a, b) => a - b);
  const middle = overhead.slice(0, Math.ceil(overhead.length * 0.95));
  const rows: Row[] = [
    { label: '`npm run local` until it is ready, ms', figures: [figureOf(ready)] },
    {
      label: 'a request beyond its function, ms (the slowest 5 % apart)',
      figures: [figureOf(middle)],
    },
    { label: '200 environments ready, MB', figures: [figureOf([await megabytesOfEnvironments()])] },
  ];
  return {
    tables: [{ title: '', label: 'The local cloud', columns: ['Figure'], rows }],
    goals: [],
  };
}
