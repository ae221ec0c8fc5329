/** The demo against something deployed: a small server that stands for both gateways and for the Lambda API. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sum } from './report/statistics.ts';

const complete = { product: { id: '1' }, recommendations: [{ id: '2' }], degradedMode: false };
let Variables: Record<string, string>;
let switched: string[];
let asked: number;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (body: object) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.url?.includes('/account-settings')) {
    return void reply({ AccountLimit: { ConcurrentExecutions: 10 } });
  }
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
function runDemo(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const file = join(import.meta.dirname, 'demo.ts');
  const child = spawn(process.execPath, [file, ...args], {
    cwd: directory,
    env: { ...process.env, ...env },
  });
  demo = child;
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  return once(child, 'close').then(async ([code]) => ({ code, printed: (await printed).join('') }));
}

const deployed = ['--target', 'localstack', '--outputs', 'outputs.json', '--quick'];
const results = () => join(directory, 'results');

test('both variants of what is deployed are loaded until everybody is served again', async () => {
  const { code, printed } = await runDemo(deployed);
  expect(printed.replaceAll('\n', ' ')).toContain(
    'v1 and v2 served alike: everybody got an answer.',
  );
  expect(printed).toContain('The logs of the functions were out of reach');
  expect(printed.replaceAll(/\s+/g, ' ')).toContain(
    'v2 was loaded after v1 on the same deployment',
  );
  expect(code).toBe(0);
  const healthyAgain = ['false 30000 ms', 'true 5000 ms', 'false 5000 ms'];
  expect(switched).toEqual([
    ...healthyAgain,
    'false 5000 ms',
    'true 5000 ms',
    'false 5000 ms',
    'false 5000 ms',
  ]);
  const latest = join(results(), await readlink(join(results(), 'latest')));
  expect(printed).toContain(`\nfile://${latest}/comparison.html\n`);
  const report = JSON.parse(await readFile(join(latest, 'comparison_report.json'), 'utf8'));
  const { v1, v2 } = report.variants;
  const counted = [v1, v2].flatMap(({ phases, sentWhileSwitching }) => [
    ...Object.values<{ requests: number }>(phases).map(({ requests }) => requests),
    sentWhileSwitching,
  ]);
  expect(sum(counted)).toBe(asked);
  expect(v1.recovery.fullServiceSeconds).toBe(0);
  expect(v1.elapsedSeconds).toBeLessThan(40); // long before the load has to end
  expect(v2).toMatchObject({ fleet: null, circuit: null });
}, 240_000);

test('Ctrl-C during the load stops it, switches the fault off, says so, and touches no earlier report', async () => {
  const before = await readdir(results());
  const latest = await readlink(join(results(), 'latest'));
  const ended = runDemo(deployed);
  await expect.poll(() => switched.length, { timeout: 40_000, interval: 100 }).toBe(2);
  demo?.kill('SIGINT');
  const { code, printed } = await ended;
  expect(code).toBe(130);
  expect(printed).toContain('SIGINT: stopping what was started ...');
  expect(printed).toContain('Stopped. Nothing is left running, and no earlier report was touched.');
  expect(printed).toMatch(/What was recorded so far is in results\/\S+-outage-quick\./);
  expect(switched.at(-1)).toBe('false 5000 ms');
  expect(Variables.OTHER).toBe('kept');
  expect(await readdir(results())).toEqual(expect.arrayContaining(before));
  expect(await readlink(join(results(), 'latest'))).toBe(latest);
  const askedAtTheEnd = asked;
  await sleep(1_500); // longer than a user waits between two requests
  expect(asked).toBe(askedAtTheEnd);
}, 60_000);

test('two runs are laid side by side, and a run that was interrupted says that it is incomplete', async () => {
  const runs = (await readdir(results())).filter((name) => name.endsWith('-outage-quick')).sort();
  const report = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(import.meta.dirname, 'report/main.ts'), ...args], {
      cwd: directory,
    });
  const [complete = '', interrupted = ''] = runs;
  const { stdout } = await report(complete, 'latest');
  expect(stdout).toMatch(/v1 A +v1 B +v2 A +v2 B\nFailed, healthy +0 +0 +0 +0\n/);
  await expect(report(interrupted)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('holds no complete run of this version'),
  });
}, 30_000);

test('an AWS account that cannot run the load is told so before anything is switched or asked', async () => {
  const { port } = server.address() as AddressInfo;
  const before = await readdir(results());
  const { code, printed } = await runDemo(['--target', 'aws', '--outputs', 'outputs.json'], {
    ...{ AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_REGION: 'eu-west-1' },
    ...{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' },
  });
  expect(code).toBe(1);
  expect(printed).toContain(
    'Lambda may run 10 executions at once in eu-west-1, and this load needs 260.',
  );
  expect(switched).toEqual([]);
  expect(await readdir(results())).toEqual(before);
}, 30_000);

const nothing: Readonly<Record<string, string>> = {};
const tookQuick = { npm_lifecycle_event: 'demo', npm_config_quick: 'true' };

test.each([
  [['--target', 'localstack', '--outputs', 'nowhere.json'], nothing, 'nowhere.json cannot be read'],
  [['--scenario', 'flood'], nothing, 'write one of outage, brownout, cascade'],
  [[], tookQuick, 'npm has taken --quick for a setting of its own: write -- before it'],
])(
  '%j with %j ends at once with what to do instead, without a stack trace and a folder',
  async (args, env, words) => {
    const before = await readdir(results());
    const { code, printed } = await runDemo(args, env);
    expect(code).toBe(1);
    expect(printed).toContain(words);
    expect(printed).not.toMatch(/^ +at /m);
    expect(await readdir(results())).toEqual(before);
  },
);
