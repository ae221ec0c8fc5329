/**
 * The connections between the gateways and the table fail, as they do when instances freeze and thaw. Each
 * instance is the deployed bundle in a process of its own, with the SDK's real client in it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Engine, installedBinary, startEngine } from '../../local/dynamodb/engine.ts';
import { readAssembly } from '../../local/template/assembly.ts';
import { readStack } from '../../local/template/stack.ts';
import { freePorts } from '../../local/testdata/fixture-cloud.ts';
import { bundledFunctions } from '../infra/bundles.ts';
import { type BundleProcess, startBundleProcess } from '../support/bundle-process.ts';
import { type FaultyService, startFaultyService } from '../support/faulty-service.ts';
import { answering } from '../support/misbehaviour.ts';
import { proxyEvent } from '../support/proxy-event.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const INSTANCES = 4;
const THRESHOLD = 3;
/** So long that there is no probe while a row runs. */
const OPEN_MS = 60_000;
/** Between two requests of an instance at low traffic. */
const IDLE_MS = 5_000;

const directory = mkdtempSync(join(tmpdir(), 'connections-'));
const { stack, table } = declared();
let services: Record<'product' | 'recommendations', FaultyService>;
let engine: Engine;
let proxy: TcpProxy;
let instances: BundleProcess[];

function declared() {
  const declaredStack = readStack(readAssembly('cdk.out'));
  const [first] = declaredStack.tables;
  if (!first?.TableName) throw new Error('the stack has no table');
  return { stack: declaredStack, table: first.TableName };
}

beforeAll(async () => {
  const [product, recommendations] = await Promise.all([
    startFaultyService(),
    startFaultyService(),
  ]);
  services = { product, recommendations };
});
afterAll(async () => {
  await Promise.all(Object.values(services).map((service) => service.close()));
  rmSync(directory, { recursive: true });
});

/** A new fleet with kept connections to an empty table. */
beforeEach(async () => {
  const port = (await freePorts('dynamodb')).get('dynamodb') ?? 0;
  engine = await startEngine({
    ...{ port, pidFile: join(directory, 'engine.pid') },
    ...{ tables: stack.tables, binary: installedBinary() },
  });
  proxy = await startTcpProxy({ targetPort: port });
  services.recommendations.behave();
  instances = Array.from({ length: INSTANCES }, startInstance);
  onTestFinished(async () => {
    await Promise.all(instances.map((instance) => instance.close()));
    await proxy.close();
    await engine.stop();
  });
  for (let round = 1; round <= 2; round++) await Promise.all(instances.map(getDetails));
});

function startInstance(): BundleProcess {
  const found = bundledFunctions().find(({ part }) => part === 'gateway-v2');
  if (!found) throw new Error('the template has no second gateway');
  const literals = Object.entries(found.variables).filter(([, value]) => typeof value === 'string');
  return startBundleProcess({
    ...found,
    env: {
      ...Object.fromEntries(literals),
      PRODUCT_URL: services.product.url,
      RECOMMENDATIONS_URL: services.recommendations.url,
      CIRCUIT_TABLE: table,
      OPEN_MS: String(OPEN_MS),
      MAX_OPEN_MS: String(OPEN_MS),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint,
    },
  });
}

async function getDetails(instance: BundleProcess) {
  const event = proxyEvent({ resource: '/product-details/{id}', id: '1' });
  const invoked = instance.invoke(event);
  process.kill(instance.pid, 'SIGCONT');
  const { answer } = await invoked;
  return { status: answer.statusCode, degraded: JSON.parse(answer.body).degradedMode };
}

/** By one instance; the others have last seen a closed circuit. */
async function tripByOne() {
  services.recommendations.behave(answering(500));
  services.recommendations.received.length = 0;
  for (let failure = 1; failure <= THRESHOLD; failure++) await visit(instances[0]);
  expect(services.recommendations.received).toHaveLength(THRESHOLD);
  services.recommendations.received.length = 0;
}

async function visit(instance: BundleProcess | undefined) {
  if (!instance) throw new Error('no such instance');
  return getDetails(instance);
}

const FAULTS: Record<string, () => unknown> = {
  'are as they should be': () => {},
  'are reset on their next use': () => proxy.resetOnNextUse(),
  'are half-open: up, and leading nowhere': () => proxy.silenceAll(),
  'were closed meanwhile': () => proxy.resetAll(),
  'are 70 ms slow after idleness': () => proxy.delayAfterIdle({ idleMs: 1_000, delayMs: 70 }),
  'are 120 ms slow after idleness': () => proxy.delayAfterIdle({ idleMs: 1_000, delayMs: 120 }),
  'are 400 ms slow after idleness': () => proxy.delayAfterIdle({ idleMs: 1_000, delayMs: 400 }),
  'are gone when their stopped instance goes on': async () => {
    for (const { pid } of instances) process.kill(pid, 'SIGSTOP');
    proxy.resetAll();
    // Each is woken by its next request, before it can look at its connections.
  },
};

for (const [name, begin] of Object.entries(FAULTS)) {
  test(`the kept connections ${name}: no call passes the open circuit, and no user fails`, async () => {
    await tripByOne();
    await sleep(IDLE_MS);
    await begin();
    for (const instance of instances) {
      expect(await visit(instance)).toEqual({ status: 200, degraded: true });
    }
    expect(services.recommendations.received).toHaveLength(0);
  });
}

test('the first write of each instance is 700 ms late: no call passes once the circuit is open', async () => {
  services.recommendations.behave(answering(500));
  services.recommendations.received.length = 0;
  for (let round = 1; round <= 3; round++) {
    for (const instance of instances) {
      if (round === 1) proxy.delayOnce({ containing: 'UpdateItem', delayMs: 700 });
      expect(await visit(instance)).toEqual({ status: 200, degraded: true });
    }
  }
  expect(services.recommendations.received.length).toBeLessThanOrEqual(2 * THRESHOLD);
  services.recommendations.received.length = 0;
  for (const instance of instances) {
    expect(await visit(instance)).toEqual({ status: 200, degraded: true });
  }
  expect(services.recommendations.received).toHaveLength(0);
});
