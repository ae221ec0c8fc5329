/** The embedded cloud as a whole: everything a cloud assembly declares, served on loopback until `close`. */
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { createRestApi } from './api-gateway/rest-api.ts';
import { type Engine, installedBinary, startEngine } from './dynamodb/engine.ts';
import { endOrphan } from './dynamodb/orphan.ts';
import { createConcurrency } from './lambda/concurrency.ts';
import { createLambdaApi } from './lambda/lambda-api.ts';
import { type Places, preparePlaces } from './lambda/places.ts';
import { FunctionPool } from './lambda/pool.ts';
import { createStartGate } from './lambda/start-gate.ts';
import { apiPort, partOf, toLoopbackUrls } from './local-urls.ts';
import { writeOutputs } from './outputs.ts';
import { assertFree, assignPorts, type PortChoice, type Ports, portOf } from './ports.ts';
import type { VariablesByPart } from './project.ts';
import { LOOPBACK } from './region.ts';
import { readAssembly } from './template/assembly.ts';
import { type FunctionSpec, readStack, type Stack } from './template/stack.ts';

export type CloudOptions = {
  assemblyDir: string;
  /** Holds the logs, the outputs and whatever serves the next start. */
  stateDir: string;
  ports: PortChoice;
  accountConcurrency: number;
  /** Environments to start ahead, per function. */
  prewarm: number;
  /** Of functions, by part: instead of what the template gives these variables. */
  variables: VariablesByPart;
  /** Refuse requests without a valid signature where the template asks for IAM authorization. */
  enforceIam: boolean;
};
export type Cloud = { stack: Stack; ports: Ports; engine: Engine; close(): Promise<void> };
type Closers = (() => Promise<unknown>)[];

/** More at once would only make each of them slower on the usual few processors. */
const STARTS_AT_ONCE = 2;

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
  const { stateDir } = options;
  const stack = readStack(readAssembly(options.assemblyDir));
  const parts = [...stack.apis.map((api) => partOf(stack, api)), 'dynamodb', 'lambda'];
  const ports = assignPorts(parts, options.ports);
  const pidFile = join(stateDir, 'engine.pid');
  const binary = installedBinary();
  // Before the ports are looked at, because an orphan still has its port.
  if (binary) await endOrphan(pidFile, binary);
  await assertFree(ports);
  mkdirSync(stateDir, { recursive: true });
  const engine = await startEngine({
    port: portOf(ports, 'dynamodb'),
    pidFile,
    tables: stack.tables,
    binary,
  });
  closers.push(engine.stop);
  const places = await preparePlaces(stateDir, stack.functions);
  const pools = createPools({ stack, ports, options, places, dynamoDbEndpoint: engine.endpoint });
  for (const pool of pools.values()) closers.push(() => pool.close());
  await startServers({ stack, ports, pools, closers, enforceIam: options.enforceIam });
  await Promise.all([...pools.values()].map((pool) => pool.prewarm()));
  closers.push(writeOutputs({ stack, ports, stateDir }));
  return { stack, ports, engine };
}

type Pools = Map<string, FunctionPool>;
type PoolsOptions = {
  stack: Stack;
  ports: Ports;
  options: CloudOptions;
  places: Places;
  dynamoDbEndpoint: string;
};

function createPools({ stack, ports, options, ...given }: PoolsOptions): Pools {
  const { accountConcurrency, prewarm, variables } = options;
  const shared = {
    concurrency: createConcurrency(accountConcurrency, stack.functions),
    gate: createStartGate(STARTS_AT_ONCE),
    prewarm,
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

type Serving = { stack: Stack; ports: Ports; pools: Pools; closers: Closers; enforceIam: boolean };

async function startServers(serving: Serving): Promise<void> {
  const { stack, ports, pools, closers, enforceIam } = serving;
  for (const api of stack.apis) {
    const app = createRestApi({ api, functions: pools, enforceIam });
    closers.push(await serve(app.fetch, apiPort(stack, ports, api)));
  }
  closers.push(await serve(createLambdaApi(pools).fetch, portOf(ports, 'lambda')));
}

type Fetch = Parameters<typeof createAdaptorServer>[0]['fetch'];

async function serve(fetch: Fetch, port: number): Promise<() => Promise<unknown>> {
  const server = createAdaptorServer({ fetch }) as Server;
  await once(server.listen(port, LOOPBACK), 'listening');
  return async () => {
    const closed = once(server.close(), 'close');
    server.closeAllConnections();
    await closed;
  };
}
