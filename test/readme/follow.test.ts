/**
 * Follows the README: its commands are read out of it and run as they are printed, in the root of the
 * repository, except that every port is a free one, that the demo is the quick one that the README
 * names beside the full one, and that the two runs of the report have names.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, afterEach, expect, it } from 'vitest';
import { freePorts } from '../../local/testdata/fixture-cloud.ts';
import { blockFrom, textOf } from '../documents/pages.ts';

const run = promisify(execFile);
const USUAL_PORTS: Readonly<Record<string, string>> = {
  'gateway-v1': '8080',
  'gateway-v2': '8090',
};
const PARTS = ['gateway-v1', 'product', 'recommendations', 'gateway-v2', 'dynamodb', 'lambda'];
const READY_LIMIT_MS = 60_000;

const ports = await freePorts(...PARTS, 'live');
let started: { child: ChildProcess; output: () => string }[] = [];

afterEach(async () => {
  const ends = started.map(({ child }) => endOf(child));
  for (const { child, output } of started) {
    if (child.exitCode !== null) console.warn(`It ended by itself: ${output()}`);
    else if (child.pid) process.kill(-child.pid, 'SIGINT');
  }
  await Promise.all(ends);
  started = [];
});
afterAll(() => run('bash', ['-c', 'rm -rf .local']));

/** The printed command, with free ports in the place of the usual ones. */
function onFreePorts(command: string): string {
  const named = Object.entries(USUAL_PORTS).map(([part, port]) => [port, ports.get(part)]);
  return named.reduce((text, [usual, free]) => text.replaceAll(`:${usual}`, `:${free}`), command);
}

function portOptions(...parts: string[]): string {
  return parts.map((part) => `--port ${part}=${ports.get(part)}`).join(' ');
}

/** Runs a command to its end, and answers with all that it printed. */
async function follow(command: string): Promise<string> {
  const { stdout, stderr } = await run('bash', ['-c', onFreePorts(command)]);
  return stdout + stderr;
}

/** Starts a command that goes on until Ctrl-C. */
function start(command: string) {
  const child = spawn('bash', ['-c', `exec ${command}`], { detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  started.push({ child, output: () => output });
  return () => output;
}

function endOf(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', resolve));
}

const ready = (output: () => string) =>
  expect.poll(output, { timeout: READY_LIMIT_MS, interval: 200 }).toMatch(/^ready/m);

const DEGRADED = /"recommendations":\[\],"degradedMode":true/;
const SERVED = /"recommendations":\[\{.*"degradedMode":false/;

it('By hand: each command does what is said beside it', { timeout: 150_000 }, async () => {
  const [local = '', ...commands] = blockFrom('README.md', 'npm run local -- --fail');
  await ready(start(`${local} ${portOptions(...PARTS)}`));

  const shown: string[] = [];
  const tookMs: number[] = [];
  for (const command of commands) {
    const startedAt = performance.now();
    const isLastCall = shown.length === commands.length - 2;
    if (isLastCall)
      // "Within 5.8 s, rarely 7.8 s": until then the answers are degraded ones.
      await expect.poll(() => follow(command), { timeout: 10_000, interval: 250 }).toMatch(SERVED);
    shown.push(await follow(command));
    tookMs.push(performance.now() - startedAt);
  }
  expect(shown).toEqual([
    expect.stringContaining('Endpoint request timed out'),
    ...Array(4).fill(expect.stringMatching(DEGRADED)),
    expect.stringContaining('"state":"OPEN"'),
    expect.stringMatching(/CLOSED -> OPEN +trip/),
    expect.any(String),
    expect.stringMatching(SERVED),
    expect.stringContaining('"state":"CLOSED"'),
  ]);
  const [v1 = 0, first = 0, second = 0, third = 0, refused = 0] = tookMs;
  expect(v1).toBeGreaterThan(28_000);
  for (const hanging of [first, second, third]) expect(hanging).toBeGreaterThan(2_000);
  expect(refused).toBeLessThan(1_000);

  const [watch = '', forceOpen = '', release = ''] = blockFrom(
    'README.md',
    'npm run circuit -- status --watch',
  );
  const watched = start(watch);
  await follow(forceOpen);
  await expect.poll(watched, { timeout: 10_000 }).toContain('maintenance');
  expect(await follow('curl -s localhost:8090/circuit-status')).toContain('"state":"OPEN"');
  await follow(release);
});

it('Run it, and compare two runs', { timeout: 300_000 }, async () => {
  expect(blockFrom('README.md', 'npm ci')).toEqual(['npm ci', 'npm run demo']);
  const quick = 'npm run demo -- --quick';
  expect(textOf('README.md')).toContain(`\`${quick}\``);
  const printed = await follow(`${quick} ${portOptions(...PARTS)}`);
  expect(printed.replaceAll(/\s+/g, ' ')).toContain(
    'With recommendations hanging, v1 served nobody and v2 served everybody.',
  );

  const [report = ''] = blockFrom('README.md', 'npm run report -- RUN RUN');
  const runs = readdirSync('results').filter((name) => /^\d/.test(name));
  const latest = runs.sort().at(-1) ?? '';
  expect(await follow(report.replaceAll('RUN', latest))).toContain('Requests per second');
});

it('Watch it: the page answers', async () => {
  const [live = ''] = blockFrom('README.md', 'npm run live');
  await ready(start(`${live} -- ${portOptions(...PARTS, 'live')}`));
  const page = await fetch(`http://127.0.0.1:${ports.get('live')}`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<html');
});
