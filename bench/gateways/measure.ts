import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBreaker, memoryStore } from 'fleet-breaker';
import { type Services, startServices } from '../cold-start/services.ts';
import {
  type Figure,
  figureOf,
  type Goal,
  type Measured,
  ratioOf,
  type Table,
} from '../suite/results.ts';
import type { Load, Served } from './environment.ts';
import { EnvironmentProcess } from './environment-process.ts';
import { bundle, VARIANTS, type Variant } from './variants.ts';

const TURNS = 7;
const WARM_UP: Load = { requests: 2_000, atOnce: 20, pauseMs: 0 };
const AT_ONCE = [1, 10, 50];
/** So that every gateway has been idle before each request, whatever the one before has waited for. */
const RESTED: Load = { requests: 60, atOnce: 1, pauseMs: 5 };
const PRODUCT_MS = [0, 10];
/** As many requests as take about half a second. */
function loadOf(productMs: number, atOnce: number): Load {
  const isWaiting = productMs * 3 > atOnce;
  return { requests: isWaiting ? 40 * atOnce : 400, atOnce, pauseMs: 0 };
}
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

function loadTable(title: string, runs: Runs): Table {
  const first = runs.get('v1') ?? [];
  const rows = [...runs].map(([label, served]) => ({
    label,
    figures: [
      figureOf(perSecond(served)),
      ratioOf(perSecond(served), perSecond(first)),
      figureOf(latencyMs(served)),
      figureOf(cpuUs(served)),
    ],
  }));
  const columns = ['requests/s', 'beside v1', 'median, ms', 'CPU, µs'];
  return { title, label: 'Gateway', columns, rows };
}

/** Of two runs in the same turn. */
function difference(ours: readonly number[], theirs: readonly number[]): Figure {
  return figureOf(ours.map((value, turn) => value - (theirs[turn] ?? Number.NaN)));
}

const productOut = (runs: Runs, name: string) => productOutMs(runs.get(name) ?? []);

function departureTable(runs: Runs): Table {
  const first = productOut(runs, 'v1');
  const rows = [...runs.keys()].map((label) => {
    const ms = productOut(runs, label);
    return { label, figures: [figureOf(ms), difference(ms, first)] };
  });
  return {
    title: 'From a request to when that to the product has left',
    ...{ label: 'Gateway', columns: ['ms', 'later than v1, ms'], rows },
  };
}

function partsTable(runs: Runs): Table {
  const whole = cpuUs(runs.get('v2') ?? []);
  const rows = [...runs].map(([label, served]) => {
    return { label, figures: [figureOf(cpuUs(served)), difference(whole, cpuUs(served))] };
  });
  return {
    title: 'CPU of a request by part: v2 without one of them',
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
    const loads = AT_ONCE.map((atOnce) => loadOf(productMs, atOnce));
    const all = { subjects: COMPARED, services, bundles, loads: [RESTED, ...loads] };
    const [rested = new Map(), ...runs] = await measureCase(all);
    const product = `the product answers after ${productMs} ms`;
    for (const [at, ofLoad] of runs.entries()) {
      const atOnce = AT_ONCE[at] ?? Number.NaN;
      tables.push(loadTable(`${atOnce} at once, ${product}`, ofLoad));
      if (productMs === 0) goals.push(openGoal(ofLoad, atOnce));
    }
    if (productMs === 0) {
      tables.push(departureTable(rested));
      goals.push(departureGoal(rested));
      const parts = { subjects: BY_PART, services, bundles, loads: [RESTED] };
      for (const ofParts of await measureCase(parts)) tables.push(partsTable(ofParts));
    }
    for (const each of Object.values(services)) each.close();
  }
  return { tables, goals };
}

function departureGoal(runs: Runs): Goal {
  const what = 'v2 asks for the product later than v1';
  const { median } = difference(productOut(runs, 'v2'), productOut(runs, 'v1'));
  return { what, unit: 'ms', atMost: 0.1, measured: median };
}

/** By processor time, because others may share the machine. */
function openGoal(runs: Runs, atOnce: number): Goal {
  const us = (name: string) => cpuUs(runs.get(name) ?? []);
  const what = `v2, open: requests for the same processor time beside v2, healthy, ${atOnce} at once`;
  const { median } = ratioOf(us('v2'), us('v2, open'));
  const whyMissed = 'the more requests share one read of the circuit, the less is saved without it';
  return { what, unit: 'x', atLeast: 1.5, measured: median, whyMissed };
}
