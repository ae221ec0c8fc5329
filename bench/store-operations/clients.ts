/** The store by the AWS SDK beside the store without it: what a read takes, and what a new process takes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLING } from '../../infra/constructs/bundle.ts';
import { figureOf, type Measured, type Row, ratioOf } from '../suite/results.ts';
import type { Reads } from './client-process.ts';

const TURNS = 9;

/** The programs of the example in the library's README, but that they only read. */
const STORES = {
  dynamoStore: `
    import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
    import { dynamoStore } from 'fleet-breaker/dynamodb';
    const requestHandler = { requestTimeout: 1000, throwOnRequestTimeout: true };
    const client = new DynamoDBClient({ maxAttempts: 1, requestHandler });
    const store = dynamoStore({ client, tableName: 'circuits' });`,
  dynamoLiteStore: `
    import { dynamoLiteStore } from 'fleet-breaker/dynamodb-lite';
    const store = dynamoLiteStore({ tableName: 'circuits' });`,
};
type StoreName = keyof typeof STORES;
type ReadsByStore = Readonly<Record<StoreName, Reads[]>>;
const NAMES = Object.keys(STORES) as StoreName[];

const ITEM = {
  ...{ pk: { S: 'bench' }, schemaVersion: { N: '2' }, state: { S: 'CLOSED' } },
  ...{ generation: { N: '8' }, streakId: { N: '3' }, reopenings: { N: '0' } },
  ...{ closedAtMs: { N: '1767225600000' }, updatedAtMs: { N: '1767225600000' } },
  ...{ updatedBy: { S: 'a1b2c3' }, reason: { S: 'the probe succeeded' } },
};

const directory = mkdtempSync(join(tmpdir(), 'store-clients-'));
process.once('exit', () => rmSync(directory, { recursive: true }));

async function bundleOf(name: StoreName, minify: boolean): Promise<string> {
  const outfile = join(directory, minify ? 'minified' : 'plain', `${name}.mjs`);
  const contents = `
    import { createBreaker } from 'fleet-breaker';
    ${STORES[name]}
    export const breaker = createBreaker({ name: 'bench', store });
    export const read = () => store.read('bench', { consistent: false });`;
  await build({
    ...BUNDLING,
    stdin: { contents, resolveDir: join(import.meta.dirname, '../..') },
    ...{ outfile, minify },
  });
  return outfile;
}

async function readsBy(bundle: string, endpoint: string): Promise<Reads> {
  const env = {
    ...{ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_DYNAMODB: endpoint },
    ...{ AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', AWS_SESSION_TOKEN: 'bench' },
  };
  const program = join(import.meta.dirname, 'client-process.ts');
  const child = fork(program, [bundle], { env, execArgv: [] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The process of ${bundle} has ended without figures (exit code ${code})`);
  });
  ended.catch(() => {}); // it ends in any case
  const [reads] = await Promise.race([once(child, 'message'), ended]);
  return reads;
}

/** Another process than those that are measured answers for the table, at once. */
async function startTable() {
  const answer = JSON.stringify({ Item: ITEM });
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(answer);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const COLUMNS = [
  ...['a read, µs', "of the SDK's", 'import, ms', 'first read, ms', "both, of the SDK's"],
  ...['bundle, kB', 'minified, kB'],
];

async function rowOf(name: StoreName, reads: ReadsByStore): Promise<Row> {
  const ofEach = (of: StoreName, value: (one: Reads) => number) => reads[of].map(value);
  const figure = (value: (one: Reads) => number) => figureOf(ofEach(name, value));
  const ratio = (value: (one: Reads) => number) =>
    ratioOf(ofEach(name, value), ofEach('dynamoStore', value));
  const kilobytes = async (minify: boolean) =>
    figureOf([statSync(await bundleOf(name, minify)).size / 1_000]);
  return {
    label: name,
    figures: [
      figure(({ readUs }) => readUs),
      ratio(({ readUs }) => readUs),
      figure(({ importUs }) => importUs / 1_000),
      figure(({ firstReadUs }) => firstReadUs / 1_000),
      ratio(({ importUs, firstReadUs }) => importUs + firstReadUs),
      await kilobytes(false),
      await kilobytes(true),
    ],
  };
}

export async function measure(): Promise<Measured> {
  const { server, endpoint } = await startTable();
  const reads: ReadsByStore = { dynamoStore: [], dynamoLiteStore: [] };
  const bundles = await Promise.all(NAMES.map((name) => bundleOf(name, false)));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [i, name] of NAMES.entries())
      reads[name].push(await readsBy(bundles[i] ?? '', endpoint));
  }
  server.close();
  const rows = await Promise.all(NAMES.map((name) => rowOf(name, reads)));
  const [, ratio] = rows.at(-1)?.figures ?? [];
  return {
    tables: [{ title: '', label: 'Store', columns: COLUMNS, rows }],
    goals: [
      {
        what: 'a read by dynamoLiteStore: CPU beside dynamoStore',
        ...{ unit: 'x', atMost: 0.6, measured: ratio?.median ?? Number.NaN },
      },
    ],
  };
}
