/**
 * The demo in a local cloud, with everything around its second gateway in the hands of a test: the
 * recommendations are a service that misbehaves as it is told, the table is behind a proxy, and the
 * environments can be ended and frozen.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import { CREDENTIALS, REGION } from '../../local/region.ts';
import { writeChaosAssembly } from './chaos-assembly.ts';
import { statusOfItem } from './circuit-status.ts';
import { startCrowd, visit } from './crowd.ts';
import { startDemoCloud } from './demo-cloud.ts';
import { startDynamoDbProxy } from './dynamodb-proxy.ts';
import { startFaultyService } from './faulty-service.ts';

export const THRESHOLD = 3;
export const CALL_TIMEOUT_MS = 800;
/** Constant, as in the stack, and shorter for the tests' sake. */
export const OPEN_MS = 1_000;
/** The call timeout and a second: after that a prober counts as dead. */
export const LEASE_MS = CALL_TIMEOUT_MS + 1_000;
/** Jitter and the spread of claims among the instances. */
export const LONGEST_OPEN_MS = OPEN_MS * 1.1 + 250;

interface Options {
  /** Environments of the gateway started ahead. */
  readonly prewarm: number;
  readonly functionTimeoutSeconds?: number;
  readonly openMs?: number;
  /** Of the gateway, besides those that all tests need. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whether every environment has served a request before the test begins. */
  readonly isWarm?: boolean;
}

export type ChaosCloud = Awaited<ReturnType<typeof startChaosCloud>>;

export async function startChaosCloud(options: Options) {
  const { prewarm, functionTimeoutSeconds = 10, openMs = OPEN_MS } = options;
  const { variables = {}, isWarm = true } = options;
  const directory = mkdtempSync(join(tmpdir(), 'chaos-'));
  const channel = new BroadcastChannel(randomUUID());
  const recommendations = await startFaultyService();
  // The engine's port is known once it has started, and the functions' variables before that.
  const store = await startDynamoDbProxy();
  writeChaosAssembly({
    directory,
    functionTimeoutSeconds,
    variables: {
      RECOMMENDATIONS_URL: recommendations.url,
      CHAOS_STORE_URL: store.endpoint,
      CHAOS_CHANNEL: channel.name,
      CALL_TIMEOUT_MS: String(CALL_TIMEOUT_MS),
      OPEN_MS: String(openMs),
      MAX_OPEN_MS: String(openMs),
      FAILURE_THRESHOLD: String(THRESHOLD),
      ...variables,
    },
  });
  const demo = await startDemoCloud({ prewarm, assemblyDir: directory });
  store.leadTo(Number(new URL(demo.engine.endpoint).port));
  const url = demo.urlOf('gateway-v2', '/product-details/1');
  // The first visits load the SDK and connect.
  for (let round = 1; isWarm && round <= 3; round++) {
    await Promise.all(Array.from({ length: prewarm }, () => visit(url)));
  }
  return {
    ...demo,
    recommendations,
    store,
    url,
    visit: (correlationId?: string) => visit(url, correlationId),
    startCrowd: (users: number, pauseMs = 150) => startCrowd({ url, users, pauseMs }),
    /** Of the one that serves the request with this id; without one, of all. */
    endEnvironment: (correlationId?: string) => channel.postMessage({ does: 'end', correlationId }),
    freezeEnvironment: (correlationId: string, forMs: number) =>
      channel.postMessage({ does: 'freeze', correlationId, forMs }),
    countLines: (pattern: RegExp) =>
      [...demo.lines('gateway-v2', pattern).values()].reduce((sum, lines) => sum + lines, 0),
    table: await openTable(demo),
    /** Of any environment of the gateway, as its reports tell. */
    mostMemoryMb: () =>
      Math.max(
        ...[...demo.logs('gateway-v2').values()]
          .flatMap((log) => [...log.matchAll(/Max Memory Used: (\d+) MB/g)])
          .map(([, megabytes]) => Number(megabytes)),
      ),
    async close() {
      channel.close();
      await demo.close();
      await Promise.all([recommendations.close(), store.close()]);
      rmSync(directory, { recursive: true });
    },
  };
}

/** The table behind the proxy's back. */
async function openTable({ engine, stack }: Awaited<ReturnType<typeof startDemoCloud>>) {
  const [declared] = stack.tables;
  if (!declared) throw new Error('the stack has no table');
  const { TableName } = declared;
  const Key = { pk: { S: 'recommendations' } };
  const client = () =>
    new DynamoDBClient({ endpoint: engine.endpoint, region: REGION, credentials: CREDENTIALS });
  /** A client for each: the engine may have been another one since the last. */
  async function send<T>(does: (client: DynamoDBClient) => Promise<T>): Promise<T> {
    const one = client();
    return does(one).finally(() => one.destroy());
  }
  return {
    item: async () =>
      (await send((one) => one.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))))
        .Item,
    /** Undefined: there is none. */
    replaceItem: (item: Item | undefined) =>
      send((one) =>
        item
          ? one.send(new PutItemCommand({ TableName, Item: { ...item, ...Key } }))
          : one.send(new DeleteItemCommand({ TableName, Key })),
      ),
    remove: () => send((one) => one.send(new DeleteTableCommand({ TableName }))),
    create: () => send((one) => one.send(new CreateTableCommand(declared))),
  };
}

export type Item = Record<string, AttributeValue>;

/** Every user is served whole, and every one of so many instances tells the same of the circuit. */
export async function expectAgreement(
  cloud: ChaosCloud,
  { users, withinMs }: { readonly users: number; readonly withinMs: number },
) {
  const startedAtMs = performance.now();
  const all = <T>(does: () => Promise<T>) => Promise.all(Array.from({ length: users }, does));
  const whole = Array.from({ length: users }, () => ({ status: 200, degraded: false }));
  const served = async () =>
    (await all(() => cloud.visit())).map(({ status, degraded }) => ({ status, degraded }));
  await expect.poll(served, { timeout: withinMs, interval: 100 }).toEqual(whole);
  const ofItem = statusOfItem(await cloud.storedCircuit(), 'CLOSED');
  const agreed = Array.from({ length: users }, () => ofItem);
  const told = () => all(() => cloud.get('gateway-v2', '/circuit-status'));
  // An instance that has tripped alone ends its own open period first.
  const leftMs = withinMs - (performance.now() - startedAtMs);
  await expect.poll(told, { timeout: Math.max(1, leftMs), interval: 100 }).toEqual(agreed);
  const healedMs = performance.now() - startedAtMs;
  return healedMs;
}

export const pause = sleep;
