import { type ChildProcess, execFile as execFileCallback, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../local/testdata/fixture-cloud.ts';

const MAIN = resolve('local/main.ts');
const ENGINE = resolve('local/engine-command.ts');
const execFile = promisify(execFileCallback);
const PARTS = ['gateway-v1', 'product', 'recommendations', 'gateway-v2', 'dynamodb', 'lambda'];

describe('the command that runs the stack locally', () => {
  let directory: string;
  let ports: Map<string, number>;
  let started: ChildProcess[];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'local-'));
    ports = await freePorts(...PARTS);
    started = [];
  });
  afterEach(async () => {
    for (const child of started) {
      // False when it has ended already. Not SIGKILL: the engine would stay behind.
      if (child.kill('SIGTERM')) await once(child, 'exit');
    }
    rmSync(directory, { recursive: true });
  });

  /** In a directory of its own, because that is where the command keeps its state. */
  function start(...given: string[]) {
    // Whoever runs the tests as root may write everywhere.
    const asNobody = given.includes('--nobody') && process.getuid?.() === 0 ? { uid: 65534 } : {};
    const args = given.filter((arg) => arg !== '--nobody');
    const options = [...ports].flatMap(([name, port]) => ['--port', `${name}=${port}`]);
    const child = spawn(process.execPath, [MAIN, ...options, ...args], {
      ...{ cwd: directory, ...asNobody },
    });
    started.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    return { child, output: () => output, exit: once(child, 'exit') };
  }
  const ready = (run: ReturnType<typeof start>) =>
    expect.poll(run.output, { timeout: 15_000 }).toMatch(/^ready /m);
  const url = (part: string) => `http://127.0.0.1:${ports.get(part)}`;
  const outputsFile = () => join(directory, '.local', 'outputs.json');

  it('serves the real stack, and one SIGTERM ends everything within 2 s', async () => {
    const run = start('--fail', '--prewarm', '1');
    await ready(run);
    expect(run.output()).toContain(`http://localhost:${ports.get('gateway-v2')}/circuit-status`);
    const outputs = JSON.parse(readFileSync(outputsFile(), 'utf8'));
    expect(outputs).toMatchObject({
      'fleet-breaker-demo': { GatewayV2Url: `http://localhost:${ports.get('gateway-v2')}` },
      local: { LambdaEndpoint: url('lambda'), DynamoDbEndpoint: url('dynamodb') },
    });
    expect((await fetch(`${url('product')}/products/1`)).status).toBe(200);
    const name = outputs['fleet-breaker-demo'].RecommendationsFunctionName;
    const configuration = `${url('lambda')}/2015-03-31/functions/${name}/configuration`;
    expect(await (await fetch(configuration)).json()).toMatchObject({
      Environment: { Variables: { SIMULATE_FAILURE: 'true' } },
    });
    const hanging = fetch(`${url('recommendations')}/recommendations/1`).catch(() => 'cut off');
    await expect.poll(() => readdirSync(join(directory, '.local', 'logs', name))).not.toEqual([]);

    const signalledAtMs = performance.now();
    run.child.kill('SIGTERM');
    expect(await run.exit).toEqual([0, null]);
    expect(performance.now() - signalledAtMs).toBeLessThan(2000);
    expect(await hanging).toBe('cut off');
    expect(existsSync(outputsFile())).toBe(false);
    await expect(fetch(url('dynamodb'))).rejects.toThrow('fetch failed');
  });

  it('refuses with --enforce-iam whoever does not sign; the gateways do', async () => {
    const run = start('--enforce-iam');
    await ready(run);
    for (const path of ['product/products/1', 'recommendations/recommendations/1']) {
      const [part = '', ...rest] = path.split('/');
      const response = await fetch(`${url(part)}/${rest.join('/')}`);
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({ message: 'Missing Authentication Token' });
    }
    for (const gateway of ['gateway-v1', 'gateway-v2']) {
      const response = await fetch(`${url(gateway)}/product-details/1`);
      expect(await response.json()).toMatchObject({ product: { id: '1' }, degradedMode: false });
    }
  });

  it('starts again in the same place after it was killed, and ends what was left', async () => {
    const killed = start();
    await ready(killed);
    killed.child.kill('SIGKILL');
    await killed.exit;
    const next = start();
    await ready(next);
    next.child.kill('SIGINT');
    expect(await next.exit).toEqual([0, null]);
    await expect(fetch(url('dynamodb'))).rejects.toThrow('fetch failed');
  });

  it('names every port that is taken, and leaves nothing behind', async () => {
    const port = ports.get('product');
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const run = start();
    expect(await run.exit).toEqual([1, null]);
    expect(run.output()).toContain(`port ${port} for product is taken by another program`);
    expect(existsSync(outputsFile())).toBe(false);
    server.close();
  });

  it('outlives its DynamoDB engine, tells how that ended, and starts another when asked', async () => {
    const run = start();
    await ready(run);
    const engine = async (...args: string[]) =>
      JSON.parse((await execFile(process.execPath, [ENGINE, ...args], { cwd: directory })).stdout);
    const { pid } = await engine('status');
    process.kill(pid, 'SIGKILL');
    await expect.poll(run.output).toContain('The DynamoDB engine has ended (signal SIGKILL)');
    expect(await engine('status')).toMatchObject({ state: 'stopped' });
    const details = await fetch(`${url('gateway-v2')}/product-details/1`);
    expect(await details.json()).toMatchObject({ product: { id: '1' } });
    expect(await engine('start')).toMatchObject({ state: 'running' });
    await expect.poll(run.output).toContain('The DynamoDB engine runs again');
    expect(await engine('stop')).toMatchObject({ state: 'stopped' });
    await expect(engine('explode')).rejects.toMatchObject({
      stderr: expect.stringContaining('`explode` is not one of its commands'),
    });
  });

  it.each([
    ['engine.pid', 'a directory', (path: string) => mkdirSync(path, { recursive: true })],
    ['outputs.json', 'a directory', (path: string) => mkdirSync(path, { recursive: true })],
    ['runtime.mjs', 'a directory', (path: string) => mkdirSync(path, { recursive: true })],
    ['', 'a file', (path: string) => writeFileSync(path, '')],
  ])('ends at once when .local/%s is %s, and names it', async (name, _, make) => {
    const path = join(directory, '.local', name);
    mkdirSync(dirname(path), { recursive: true });
    make(path);
    const run = start();
    expect(await run.exit).toEqual([1, null]);
    expect(run.output()).toContain(join('.local', name));
    expect(run.output()).not.toMatch(/^\s+at /m);
    await expect(fetch(url('dynamodb'))).rejects.toThrow('fetch failed');
  });

  it('ends at once when .local is not writable, and names it', async () => {
    mkdirSync(join(directory, '.local'), { mode: 0o555 });
    chmodSync(directory, 0o755);
    const run = start('--nobody');
    expect(await run.exit).toEqual([1, null]);
    expect(run.output()).toMatch(/^\.local\S* cannot be used \(EACCES.*make it writable/m);
  });

  it.each([
    [['--prewarm', 'x'], '--prewarm x: write a whole number'],
    [['--port', 'moon=1'], '--port moon: there is only'],
    [['--nothing'], "Unknown option '--nothing'"],
  ])('says what is wrong with %j', async (args, words) => {
    const run = start(...args);
    expect(await run.exit).toEqual([1, null]);
    expect(run.output()).toContain(words);
  });
});
