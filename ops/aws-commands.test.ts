/** The operator's commands with --target aws, against a server that stands for the APIs of an account. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'aws-commands-'));
const update = { RevisionId: 'revision-7', Environment: { Variables: { OTHER: 'kept' } } };
let updates: { RevisionId?: string; Environment: { Variables: Record<string, string> } }[];
let concurrency: number;
let tableAnswers: () => boolean;
let services: string[];

const account = createServer(async (request, response) => {
  const reply = (body: object, status = 200) =>
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify(body));
  const body = await text(request);
  const { url = '', method, headers } = request;
  services.push(/\/(\w+)\/aws4_request/.exec(headers.authorization ?? '')?.[1] ?? '');
  if (url.includes('/account-settings')) {
    return void reply({ AccountLimit: { ConcurrentExecutions: concurrency } });
  }
  if (url.startsWith('/account'))
    return void reply({ cloudwatchRoleArn: 'arn:aws:iam::1:role/own' });
  if (url.includes('/functions/')) {
    if (method === 'PUT') updates.push(JSON.parse(body));
    return void reply({ ...update, LastUpdateStatus: 'Successful', State: 'Active' });
  }
  if (headers['x-amz-target']?.includes('GetItem')) {
    return void (tableAnswers() ? reply({}) : reply({ __type: 'InternalServerError' }, 500));
  }
  reply({ __type: 'AccessDenied', message: 'not in this account' }, 400);
});

beforeAll(async () => {
  account.listen(0, '127.0.0.1');
  await once(account, 'listening');
  for (const stage of ['demo', 'live']) {
    const stack = {
      RecommendationsFunctionName: `fleet-breaker-${stage}-recommendations`,
      CircuitTableName: `fleet-breaker-${stage}-circuits`,
    };
    const outputs = JSON.stringify({ [`fleet-breaker-${stage}`]: stack });
    writeFileSync(join(directory, `${stage}.json`), outputs);
  }
});
beforeEach(() => {
  [updates, services, concurrency] = [[], [], 10];
  tableAnswers = () => true;
});
afterAll(() => {
  account.closeAllConnections();
  account.close();
  rmSync(directory, { recursive: true });
});

const env = () => ({
  PATH: process.env.PATH,
  AWS_ENDPOINT_URL: `http://127.0.0.1:${(account.address() as AddressInfo).port}`,
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
});
const node = (script: string, args: string[]) => [
  ...['--conditions=fleet-breaker-source', `ops/${script}.ts`, ...args],
];
const run = (script: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, node(script, args), { env: env() });
const at = (stage: string) => ['--target', 'aws', '--outputs', join(directory, `${stage}.json`)];

test('the fault is switched on with an end, in the revision that was read, and off without one', async () => {
  const beforeMs = Date.now();
  await run('fault', 'on', '--for', '90s', ...at('demo'));
  await run('fault', 'off', ...at('demo'));
  const [on, off] = updates;
  expect(on).toMatchObject({ RevisionId: 'revision-7' });
  const { SIMULATE_UNTIL = '', ...variables } = on?.Environment.Variables ?? {};
  expect(variables).toEqual({ OTHER: 'kept', SIMULATE_FAILURE: 'true' });
  expect(Date.parse(SIMULATE_UNTIL) - beforeMs).toBeGreaterThanOrEqual(90_000);
  expect(Date.parse(SIMULATE_UNTIL) - Date.now()).toBeLessThanOrEqual(90_000);
  expect(off?.Environment.Variables).toEqual({
    ...{ OTHER: 'kept', SIMULATE_FAILURE: 'false', SIMULATE_UNTIL: '' },
  });
});

test('a fault that is given no end has one after half an hour', async () => {
  const { stdout } = await run('fault', 'on', ...at('demo'));
  const until = Date.parse(/SIMULATE_UNTIL=(\S+)/.exec(stdout)?.[1] ?? '');
  expect(Math.abs(until - Date.now() - 30 * 60_000)).toBeLessThan(20_000);
});

test.each([
  ['fault', ['on'], 'switch the fault of fleet-breaker-live-recommendations on'],
  ['fault', ['off'], 'switch the fault of fleet-breaker-live-recommendations off'],
  [
    'circuit',
    ['force-open'],
    'force-open the circuit recommendations in fleet-breaker-live-circuits',
  ],
  ['circuit', ['release'], 'release the circuit recommendations in fleet-breaker-live-circuits'],
])(
  '%s %j changes nothing on another stage than demo where nobody can be asked',
  async (script, args, what) => {
    await expect(run(script, ...args, ...at('live'))).rejects.toMatchObject({
      code: 1,
      stderr: `This would ${what}: stage live in eu-west-1. Add --stage live if you mean it\n`,
    });
    expect(updates).toEqual([]);
    expect(services).toEqual([]);
  },
);

test('a stage that is named is changed, another is not, and looking at one needs no question', async () => {
  await run('fault', 'off', '--stage', 'live', ...at('live'));
  await expect(run('fault', 'off', '--stage', 'live', ...at('demo'))).rejects.toMatchObject({
    stderr: '--stage live: this is stage demo\n',
  });
  expect(updates).toHaveLength(1);
  const { stdout } = await run('circuit', 'status', ...at('live'));
  expect(JSON.parse(stdout)).toMatchObject({ state: 'CLOSED', generation: 0 });
});

test('a deployment of another stage than demo does not begin where nobody can be asked', async () => {
  await expect(run('deploy', 'deploy', '-c', 'stage=live')).rejects.toMatchObject({
    code: 1,
    stderr:
      'This would deploy fleet-breaker-live: stage live in eu-west-1. Add --yes if you mean it\n',
  });
  expect(new Set(services)).toEqual(new Set(['lambda', 'apigateway']));
});

test('what programs are told of the account is JSON', async () => {
  const { stdout } = await run('account');
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ region: 'eu-west-1', concurrency: 10, apiLogRoleArn: 'arn:aws:iam::1:role/own' },
  });
});

test('before a deployment the account is looked up, and what cannot fit into it is refused', async () => {
  await expect(run('deploy', 'deploy', '-c', 'bulkhead=true')).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('Lambda may run 10 executions at once in eu-west-1.'),
    stderr: expect.stringContaining('-c bulkhead=true needs a limit of 500'),
  });
  expect(new Set(services)).toEqual(new Set(['lambda', 'apigateway']));
});

test('the watch survives a table that does not answer for a while, and says so', async () => {
  let reads = 0;
  tableAnswers = () => ++reads < 3 || reads > 6;
  const args = ['status', '--watch', '--json', ...at('demo')];
  const watch = spawn(process.execPath, node('circuit', args), { env: env() });
  const [told, complaints] = [[] as string[], [] as string[]];
  watch.stdout.on('data', (chunk) => told.push(...String(chunk).trim().split('\n')));
  watch.stderr.on('data', (chunk) => complaints.push(String(chunk)));
  await expect.poll(() => told.length, { timeout: 15_000 }).toBe(2);
  expect(told.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ state: 'CLOSED', generation: 0 }),
    expect.objectContaining({ state: 'CLOSED', generation: 0 }),
  ]);
  expect(complaints.join('')).toMatch(/^the table cannot be read, trying on: .+\n$/);
  watch.kill();
  await once(watch, 'exit');
});
