import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBreaker, memoryStore } from 'fleet-breaker';
import { type Services, startServices } from '../cold-start/services.ts';
import { figureOf, type Goal, type Measured, ratioOf, type Table } from '../suite/results.ts';
import type { Load, Served } from './environment.ts';
import { EnvironmentProcess } from './environment-process.ts';
import { bundle, VARIANTS, type Variant } from './variants.ts';

const TURNS = 7;
const WARM_UP = { requests: 2_000, atOnce: 20 };
const AT_ONCE = [1, 10, 50];
const PRODUCT_MS = [0, 10];
/** As many as take about half a second. */
const requestsOf = (productMs: number, atOnce: number) =>
  productMs * 3 > atOnce ? 40 * atOnce : 400;
const OPEN_MS = 3_600_000;

/** What the table says of the circuit. */
type Circuit = 'closed' | 'open';
interface Subject {
  readonly name: string;
  readonly variant: Variant;
  readonly circuit: Circuit;
}

const COMPARED: readonly Subject[] = [
  { name: 'v1', variant: 'v1', circuit: 'closed' },
  { name: 'v2', variant: 'v2', circuit: 'closed' },
  { name: 'v2, open', variant: 'v2', circuit: 'open' },
];
const BY_PART: readonly Subject[] = [
  ...COMPARED.slice(0, 2),
  ...(Object.keys(VARIANTS) as Variant[])
    .slice(2)
    .map((variant) => ({ name: variant, variant, circuit: 'closed' as const })),
];

/** An open circuit, as DynamoDB's protocol writes its item. */
async function openCircuit(): Promise<object> {
  const store = memoryStore();
  const periods = { openMs: OPEN_MS, maxOpenMs: OPEN_MS };
  const breaker = createBreaker({ name: 'bench', store, failureThreshold: 1, ...periods });
  await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
  const attributes = Object.entries(store.items.get('bench') ?? {});
  return Object.fromEntries(
    attributes.map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : { S: value },
    ]),
  );
}

type Runs = Map<string, Served[]>;

interface Case {
  readonly subjects: readonly Subject[];
  readonly services: Readonly<Record<Circuit, Services>>;
  readonly bundles: ReadonlyMap<Variant, string>;
  readonly loads: readonly Load[];
}

/** The runs of each load. */
async function measureCase({ subjects, services, bundles, loads }: Case): Promise<Runs[]> {
  const processes = subjects.map(({ name, variant, circuit }) => {
    const env = {
      ...services[circuit].env,
      OPEN_MS: String(OPEN_MS),
      MAX_OPEN_MS: String(OPEN_MS),
    };
    return { name, process: new EnvironmentProcess(bundles.get(variant) ?? '', env) };
  });
  for (const { process } of processes) await process.serve(WARM_UP);
  const runs: Runs[] = [];
  for (const load of loads) runs.push(await runsOf(processes, load));
  for (const { process } of processes) process.close();
  return runs;
}

interface Named {
  readonly name: string;
  readonly process: EnvironmentProcess;
}

async function runsOf(processes: readonly Named[], load: Load): Promise<Runs> {
  const runs: Runs = new Map(processes.map(({ name }) => [name, []]));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const { name, process } of processes) runs.get(name)?.push(await process.serve(load));
  }
  return runs;
}

const perSecond = (served: readonly Served[]) => served.map((one) => one.perSecond);
const cpuUs = (served: readonly Served[]) => served.map((one) => one.cpuUs);
const latencyMs = (served: readonly Served[]) => served.map((one) => one.latencyMs);
const productOutMs = (served: readonly Served[]) => served.map((one) => one.productOutMs);

function tableOf(title: string, runs: Runs, isAlone: boolean): Table {
  const first = runs.get('v1') ?? [];
  const columns = ['requests/s', 'beside v1', 'median, ms', 'CPU, µs'];
  const rows = [...runs].map(([label, served]) => ({
    label,
    figures: [
      figureOf(perSecond(served)),
      ratioOf(perSecond(served), perSecond(first)),
      figureOf(latencyMs(served)),
      figureOf(cpuUs(served)),
      ...(isAlone ? [figureOf(productOutMs(served))] : []),
    ],
  }));
  const label = 'Gateway';
  return { title, label, columns: isAlone ? [...columns, 'product asked, ms'] : columns, rows };
}

function partsTable(runs: Runs): Table {
  const whole = cpuUs(runs.get('v2') ?? []);
  const rows = [...runs].map(([label, served]) => {
    const less = cpuUs(served).map((us, turn) => (whole[turn] ?? Number.NaN) - us);
    return { label, figures: [figureOf(cpuUs(served)), figureOf(less)] };
  });
  return {
    title: 'CPU of a request by part: v2 without one of them, one request at a time',
    ...{ label: 'Gateway', columns: ['CPU, µs', 'less than v2, µs'], rows },
  };
}

export async function measure(): Promise<Measured> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-gateways-'));
  process.once('exit', () => rmSync(directory, { recursive: true }));
  const bundles = new Map<Variant, string>();
  for (const variant of Object.keys(VARIANTS) as Variant[]) {
    bundles.set(variant, await bundle(variant, directory));
  }
  const tables: Table[] = [];
  const goals: Goal[] = [];
  const circuit = await openCircuit();
  for (const productMs of PRODUCT_MS) {
    const services = {
      closed: await startServices(productMs),
      open: await startServices(productMs, circuit),
    };
    const loads = AT_ONCE.map((atOnce) => ({ requests: requestsOf(productMs, atOnce), atOnce }));
    const runs = await measureCase({ subjects: COMPARED, services, bundles, loads });
    for (const [at, atOnce] of AT_ONCE.entries()) {
      const ofLoad = runs[at] ?? new Map();
      const title = `${atOnce} at once, the product answers after ${productMs} ms`;
      tables.push(tableOf(title, ofLoad, atOnce === 1));
      goals.push(...goalsOf(ofLoad, { atOnce, productMs }));
    }
    if (productMs === 0) {
      const parts = { subjects: BY_PART, services, bundles, loads: [{ requests: 400, atOnce: 1 }] };
      for (const ofParts of await measureCase(parts)) tables.push(partsTable(ofParts));
    }
    for (const each of Object.values(services)) each.close();
  }
  return { tables, goals };
}

function goalsOf(runs: Runs, { atOnce, productMs }: Record<string, number>): Goal[] {
  const of = (name: string) => runs.get(name) ?? [];
  const out = (name: string) => figureOf(productOutMs(of(name))).median;
  const open = ratioOf(perSecond(of('v2, open')), perSecond(of('v2'))).median;
  const goals: Goal[] = [];
  if (atOnce === 1) {
    const what = `v2 asks for a product of ${productMs} ms so much later than v1`;
    goals.push({ what, unit: 'ms', atMost: 0.1, measured: out('v2') - out('v1') });
  }
  if (atOnce === 50 && productMs === 0) {
    const what = 'v2, open: throughput beside v2, healthy';
    goals.push({ what, unit: 'x', atLeast: 1.5, measured: open });
  }
  return goals;
}
