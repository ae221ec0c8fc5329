/** The demo against something deployed: a small server that stands for both gateways and for the Lambda API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

const complete = { product: { id: '1' }, recommendations: [{ id: '2' }], degradedMode: false };
let Variables: Record<string, string>;
let switched: string[];
let asked: number;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (body: object) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (!request.url?.includes('/functions/')) {
    asked += 1;
    return void reply(complete);
  }
  if (request.method === 'PUT') {
    Variables = JSON.parse(await text(request)).Environment.Variables;
    switched.push(`${Variables.SIMULATE_FAILURE} ${Variables.FAILURE_HANG_MS} ms`);
  }
  reply({ LastUpdateStatus: 'Successful', State: 'Active', Environment: { Variables } });
}

let server: Server;
let directory: string;
let demo: ChildProcess | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'demo-'));
  server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stack = {
    ...{ GatewayV1Url: `${url}/v1`, GatewayV2Url: `${url}/v2`, LambdaEndpoint: url },
    RecommendationsFunctionName: 'recommendations',
  };
  await writeFile(join(directory, 'outputs.json'), JSON.stringify({ stack }));
});

beforeEach(() => {
  Variables = { SIMULATE_FAILURE: 'false', FAILURE_HANG_MS: '30000', OTHER: 'kept' };
  [switched, asked] = [[], 0];
});

afterAll(async () => {
  demo?.kill('SIGKILL');
  server.close();
  await rm(directory, { recursive: true });
});

/** Ends with the exit code and all that was printed. */
function runDemo(...args: string[]) {
  const file = join(import.meta.dirname, 'demo.ts');
  const child = spawn(process.execPath, [file, ...args], { cwd: directory });
  demo = child;
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  return once(child, 'close').then(async ([code]) => ({ code, printed: (await printed).join('') }));
}

const deployed = ['--target', 'localstack', '--outputs', 'outputs.json', '--quick'];

test('Ctrl-C during the load stops it, switches the fault off and says so', async () => {
  const ended = runDemo(...deployed);
  await expect.poll(() => asked, { timeout: 30_000, interval: 100 }).toBeGreaterThan(3);
  demo?.kill('SIGINT');
  const { code, printed } = await ended;
  expect(code).toBe(130);
  expect(printed).toContain('SIGINT: stopping what was started ...');
  expect(printed).toContain('Stopped. Nothing is left running; there is no new report.');
  expect(switched).toEqual(['true 5000 ms', 'false 5000 ms']);
  expect(Variables.OTHER).toBe('kept');
  const askedAtTheEnd = asked;
  await sleep(1_500); // longer than a user waits between two requests
  expect(asked).toBe(askedAtTheEnd);
}, 60_000);

test('both variants of what is deployed are loaded, and the report says what it cannot know', async () => {
  const { code, printed } = await runDemo(...deployed, '--scenario', 'recovery');
  expect(printed).toContain('v1 and v2 served alike: everybody got an answer');
  expect(printed).toContain('The logs of the functions were out of reach');
  expect(code).toBe(0);
  const hangAndBack = ['false 30000 ms', 'true 5000 ms', 'false 5000 ms'];
  expect(switched).toEqual([
    ...hangAndBack,
    'false 5000 ms',
    'true 5000 ms',
    'false 5000 ms',
    'false 5000 ms',
  ]);
  const report = JSON.parse(
    await readFile(join(directory, 'results/comparison_report.json'), 'utf8'),
  );
  expect(report.variants.v1.requests + report.variants.v2.requests).toBe(asked);
  expect(report.variants.v2).toMatchObject({ fleet: null, circuit: null });
}, 120_000);

test.each([
  [['--target', 'localstack', '--outputs', 'nowhere.json'], 'nowhere.json cannot be read'],
  [['--scenario', 'flood'], 'write one of outage, recovery, brownout, cascade'],
])('%j ends at once with what to do instead, and without a stack trace', async (args, words) => {
  const lastReport = join(directory, 'results/comparison.html');
  await mkdir(dirname(lastReport), { recursive: true });
  await writeFile(lastReport, 'kept');
  const { code, printed } = await runDemo(...args);
  expect(code).toBe(1);
  expect(printed).toContain(words);
  expect(printed).not.toMatch(/^ +at /m);
  expect(await readFile(lastReport, 'utf8')).toBe('kept');
});
