/** The proxy in front of a real engine, used by the real client of the SDK. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandOutput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Engine, installedBinary, startEngine } from '../../local/dynamodb/engine.ts';
import { freePorts } from '../../local/testdata/fixture-cloud.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const TableName = 'circuits';
const Key = { pk: { S: 'recommendations' } };
const PATIENCE_MS = 500;

let engine: Engine;
let proxy: TcpProxy;
let client: DynamoDBClient;
const directory = mkdtempSync(join(tmpdir(), 'tcp-proxy-'));

beforeAll(async () => {
  const port = (await freePorts('dynamodb')).get('dynamodb') ?? 0;
  const table = {
    ...{ TableName, BillingMode: 'PAY_PER_REQUEST' as const },
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
  };
  const pidFile = join(directory, 'engine.pid');
  engine = await startEngine({ port, pidFile, tables: [table], binary: installedBinary() });
});
afterAll(async () => {
  await engine.stop();
  rmSync(directory, { recursive: true });
});

/** A client with one kept connection. */
beforeEach(async () => {
  proxy = await startTcpProxy({ targetPort: Number(new URL(engine.endpoint).port) });
  client = new DynamoDBClient({
    endpoint: proxy.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: PATIENCE_MS, throwOnRequestTimeout: true },
  });
  onTestFinished(async () => {
    client.destroy();
    await proxy.close();
  });
  await read();
  await read();
  expect(proxy.countAccepted()).toBe(1);
});

const read = (): Promise<GetItemCommandOutput> =>
  client.send(new GetItemCommand({ TableName, Key }));
const write = () => client.send(new UpdateItemCommand({ TableName, Key }));

async function tookMs(contact: () => Promise<unknown>): Promise<number> {
  const askedAtMs = performance.now();
  await contact();
  return performance.now() - askedAtMs;
}

test('a connection that is reset on its next use fails the request, and the next one is well', async () => {
  proxy.resetOnNextUse();
  await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
  await read();
  expect(proxy.countAccepted()).toBe(2);
});

test('connections that are reset are noticed by a client that runs', async () => {
  proxy.resetAll();
  await expect.poll(() => proxy.countOpen()).toBe(0);
  await read();
  expect(proxy.countAccepted()).toBe(2);
});

test('a half-open connection answers nothing, and a new one does', async () => {
  proxy.silenceAll();
  await expect(read()).rejects.toMatchObject({ name: 'TimeoutError' });
  await read();
  expect(proxy.countAccepted()).toBe(2);
});

test('new connections can be refused', async () => {
  proxy.refuse();
  await read();
  proxy.resetAll();
  await expect.poll(() => proxy.countOpen()).toBe(0);
  await expect(read()).rejects.toMatchObject({ code: 'ECONNRESET' });
  proxy.refuse(false);
  await read();
});

test('answers can be late', async () => {
  proxy.delayAnswers(100);
  expect(await tookMs(read)).toBeGreaterThan(95);
  expect(await tookMs(read)).toBeGreaterThan(95);
  proxy.delayAnswers(0);
  expect(await tookMs(read)).toBeLessThan(95);
});

test('only the first request after idleness is late', async () => {
  proxy.delayAfterIdle({ idleMs: 0, delayMs: 100 });
  expect(await tookMs(read)).toBeGreaterThan(95);
  proxy.delayAfterIdle({ idleMs: 10_000, delayMs: 100 });
  expect(await tookMs(read)).toBeLessThan(95);
});

test('the first request on a new connection counts as one after idleness', async () => {
  proxy.delayAfterIdle({ idleMs: 10_000, delayMs: 100 });
  proxy.resetAll();
  await expect.poll(() => proxy.countOpen()).toBe(0);
  expect(await tookMs(read)).toBeGreaterThan(95);
  expect(await tookMs(read)).toBeLessThan(95);
});

test('the next write alone can be late, whatever is read before it', async () => {
  proxy.delayOnce({ containing: 'UpdateItem', delayMs: 100 });
  expect(await tookMs(read)).toBeLessThan(95);
  expect(await tookMs(write)).toBeGreaterThan(95);
  expect(await tookMs(write)).toBeLessThan(95);
});
