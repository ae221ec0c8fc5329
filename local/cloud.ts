/** The embedded cloud as a whole: everything a cloud assembly declares, served on loopback until `close`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createRestApi } from './api-gateway/rest-api.ts';
import { installedBinary } from './dynamodb/engine.ts';
import { type KeptEngine, keepEngine } from './dynamodb/kept-engine.ts';
import { endOrphan } from './dynamodb/orphan.ts';
import { type TableWatch, watchTables } from './dynamodb/table-watch.ts';
import { createEngineApi } from './engine-api.ts';
import { createConcurrency } from './lambda/concurrency.ts';
import { createLambdaApi } from './lambda/lambda-api.ts';
import { limitLogs } from './lambda/log-retention.ts';
import { type Places, preparePlaces } from './lambda/places.ts';
import { FunctionPool } from './lambda/pool.ts';
import { createStartGate } from './lambda/start-gate.ts';
import { apiPort, partOf, toLoopbackUrls } from './local-urls.ts';
import { NOBODY, type Observer } from './observer.ts';
import { writeOutputs } from './outputs.ts';
import {
  assertFree,
  assignPorts,
  OWN_PORTS,
  type PortChoice,
  type Ports,
  portOf,
} from './ports.ts';
import type { VariablesByPart } from './project.ts';
import { serve } from './serve.ts';
import { readAssembly } from './template/assembly.ts';
import { watchAssembly } from './template/assembly-watch.ts';
import { type FunctionSpec, readStack, type Stack } from './template/stack.ts';

export interface CloudOptions {
  readonly assemblyDir: string;
  /** Holds the logs, the outputs and whatever serves the next start. */
  readonly stateDir: string;
  readonly ports: PortChoice;
  readonly accountConcurrency: number;
  /** Environments to start ahead, per function. */
  readonly prewarm: number;
  /** Of functions, by part: instead of what the template gives these variables. */
  readonly variables: VariablesByPart;
  /** Refuse requests without a valid signature where the template asks for IAM authorization. */
  readonly enforceIam: boolean;
  readonly observer?: Observer;
  /** How long an environment stays that nobody needs; some minutes, as on Lambda, unless a test is in a hurry. */
  readonly idleLimitMs?: number;
}

export interface Cloud {
  readonly stack: Stack;
  readonly ports: Ports;
  readonly engine: KeptEngine;
  /** Publishes what the tables hold until it is stopped. */
  watchTables(): TableWatch;
  close(): Promise<void>;
}

type Closers = (() => unknown)[];

/** More at once would only make each of them slower on the usual few processors. */
const STARTS_AT_ONCE = 2;
const IDLE_LIMIT_MS = 5 * 60_000;
/** Of all functions together: some twenty minutes of the demonstration's load. */
const LOG_LIMIT_BYTES = 64 * 2 ** 20;
const LOG_LOOK_MS = 10_000;

export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const closers: Closers = [];
  const close = async () => void (await Promise.all(closers.splice(0).map((one) => one())));
  try {
    return { ...(await start(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Every step says in `closers` how to undo it, so that a failed start leaves nothing behind either. */
async function start(options: CloudOptions, closers: Closers): Promise<Omit<Cloud, 'close'>> {
  const { stateDir, assemblyDir, observer = NOBODY } = options;
  const stack = readStack(readAssembly(assemblyDir));
  const parts = [...stack.apis.map((api) => partOf(stack, api)), ...Object.keys(OWN_PORTS)];
  const ports = assignPorts(parts, options.ports);
  const engine = await startTables({ stack, ports, stateDir, publish: observer.publish });
  closers.push(engine.stop);
  const places = await preparePlaces(stateDir, stack.functions);
  const { logDir } = places;
  closers.push(limitLogs({ logDir, limitBytes: LOG_LIMIT_BYTES, everyMs: LOG_LOOK_MS }));
  const dynamoDbEndpoint = engine.endpoint;
  const pools = createPools({ stack, ports, options, places, observer, dynamoDbEndpoint });
  for (const pool of pools.values()) closers.push(() => pool.close());
  const { enforceIam } = options;
  await startServers({ stack, ports, pools, closers, enforceIam, observer, engine });
  await Promise.all([...pools.values()].map((pool) => pool.prewarm()));
  closers.push(writeOutputs({ stack, ports, stateDir }));
  closers.push(watchAssembly(assemblyDir, () => observer.publish({ kind: 'assembly-changed' })));
  const tableNames = stack.tables.map(({ TableName = '' }) => TableName);
  const { publish } = observer;
  return { stack, ports, engine, watchTables: () => watchTables({ engine, tableNames, publish }) };
}

interface Tables {
  readonly stack: Stack;
  readonly ports: Ports;
  readonly stateDir: string;
  readonly publish: Observer['publish'];
}

/** After the ports were looked at, but for the engine of an earlier run, which still has its port. */
async function startTables({ stack, ports, stateDir, publish }: Tables): Promise<KeptEngine> {
  const pidFile = join(stateDir, 'engine.pid');
  const binary = installedBinary();
  if (binary) await endOrphan(pidFile, binary);
  await assertFree(ports);
  mkdirSync(stateDir, { recursive: true });
  const port = portOf(ports, 'dynamodb');
  return keepEngine({ port, pidFile, tables: stack.tables, binary }, publish);
}

type Pools = ReadonlyMap<string, FunctionPool>;

interface PoolsOptions {
  readonly stack: Stack;
  readonly ports: Ports;
  readonly options: CloudOptions;
  readonly places: Places;
  readonly observer: Observer;
  readonly dynamoDbEndpoint: string;
}

function createPools({ stack, ports, options, ...given }: PoolsOptions): Pools {
  const { accountConcurrency, prewarm, variables, idleLimitMs = IDLE_LIMIT_MS } = options;
  const shared = {
    concurrency: createConcurrency(accountConcurrency, stack.functions),
    gate: createStartGate(STARTS_AT_ONCE),
    prewarm,
    idleLimitMs,
    ...given,
  };
  const pools = stack.functions.map((declared) => {
    const changes = variables[partOf(stack, declared)];
    const environment = { ...localVariables(declared, stack, ports), ...changes };
    const fn = { ...declared, environment };
    return [fn.name, new FunctionPool({ ...shared, fn })] as const;
  });
  return new Map(pools);
}

function localVariables({ environment }: FunctionSpec, stack: Stack, ports: Ports) {
  const variables = Object.entries(environment);
  return Object.fromEntries(
    variables.map(([name, value]) => [name, toLoopbackUrls(stack, ports, value)]),
  );
}

interface Servers {
  readonly stack: Stack;
  readonly ports: Ports;
  readonly pools: Pools;
  readonly closers: Closers;
  readonly enforceIam: boolean;
  readonly observer: Observer;
  readonly engine: KeptEngine;
}

async function startServers(servers: Servers): Promise<void> {
  const { stack, ports, pools, closers, enforceIam, observer, engine } = servers;
  for (const api of stack.apis) {
    const part = partOf(stack, api);
    const app = createRestApi({ api, part, functions: pools, enforceIam, observer });
    closers.push(await serve(app.fetch, apiPort(stack, ports, api)));
  }
  const lambdaApi = createLambdaApi(pools).route('/', createEngineApi(engine));
  closers.push(await serve(lambdaApi.fetch, portOf(ports, 'lambda')));
}
