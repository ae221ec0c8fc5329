/**
 * `npm run soak -- --minutes 10`: a hundred users of the second gateway in a local cloud of its own, while the
 * recommendations hang and recover in turn. Prints the figures of every round, and ends with 1 if a user failed, if
 * the circuit's history has a gap, or if the cloud takes more and more of the machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { readCommandLine, wholeNumber } from '../../bench/command-line.ts';
import { CREDENTIALS, REGION } from '../../local/region.ts';
import { freePorts } from '../../local/testdata/fixture-cloud.ts';
import { startCrowd } from '../support/crowd.ts';
import { type Footprint, footprintOf, growthOf } from './footprint.ts';
import { LogFollower, problemsOf, type Transition, transitionsIn } from './transitions.ts';

const SWITCH_EVERY_MS = 20_000;
/** Longer than the gateway waits, and short enough to be over before the next switch. */
const HANG_MS = 5_000;
const PAUSE_MS = 2_000;
const FOLLOW_EVERY_MS = 2_000;
/** Of the rounds. Until then environments are new: their code is not compiled, their heaps are small. */
const WARM_SHARE = 0.5;
/** For each environment. */
const GROWTH_LIMITS = { handles: 0.1, residentMb: 0.25 };
/** A user has one request under way, which takes an environment of each of three functions at most. */
const ENVIRONMENTS_PER_USER = 3;
/** Those of Node and of the engine. */
const OWN_THREADS = 24;
/** The local cloud keeps so much of its logs, and little else. */
const DISK_LIMIT_MB = 96;
const PARTS = ['gateway-v1', 'product', 'recommendations', 'gateway-v2', 'dynamodb', 'lambda'];

interface Round extends Footprint {
  readonly requests: number;
  readonly degraded: number;
  readonly failed: number;
  readonly slowestMs: number;
  readonly transitions: number;
}

const USAGE = `npm run soak -- [--minutes N] [--users N]

  --minutes N   how long; default 10
  --users N     how many; default 100
  --help        shows this`;
const OPTIONS = {
  minutes: { type: 'string', default: '10' },
  users: { type: 'string', default: '100' },
} as const;

const { minutes, users } = readCommandLine(USAGE, OPTIONS, (values) => ({
  minutes: wholeNumber('--minutes', values.minutes),
  users: wholeNumber('--users', values.users),
}));
const rounds = Math.round((minutes * 60_000) / (2 * SWITCH_EVERY_MS));
const directory = mkdtempSync(join(tmpdir(), 'soak-'));
const ports = await freePorts(...PARTS);
const url = (path: string) => `http://localhost:${ports.get('gateway-v2')}${path}`;
const cloud = await startCloud();
try {
  process.exitCode = await soak();
} finally {
  cloud.kill('SIGTERM');
  await once(cloud, 'exit');
  rmSync(directory, { recursive: true });
}

async function startCloud() {
  const options = [...ports].flatMap(([name, port]) => ['--port', `${name}=${port}`]);
  const child = spawn(process.execPath, [resolve('local/main.ts'), '--prewarm', '10', ...options], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) if (line.startsWith('ready')) break;
  child.stdout.resume();
  if (child.exitCode !== null) throw new Error('the local cloud did not start');
  return child;
}

async function soak(): Promise<number> {
  const logs = new LogFollower(join(directory, '.local/logs/fleet-breaker-demo-gateway-v2'));
  const crowd = startCrowd({ url: url('/product-details/1'), users, pauseMs: PAUSE_MS });
  const history: Transition[] = [];
  // The local cloud deletes what is oldest of its logs, so they are read long before that.
  const follow = () => history.push(...transitionsIn(logs.newLines()));
  const following = setInterval(follow, FOLLOW_EVERY_MS);
  const table: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    const known = history.length;
    await fault('on', '--hang-ms', String(HANG_MS));
    await sleep(SWITCH_EVERY_MS);
    await fault('off');
    await sleep(SWITCH_EVERY_MS);
    const visits = crowd.visits.splice(0);
    follow();
    const figures = {
      requests: visits.length,
      degraded: visits.filter(({ degraded }) => degraded).length,
      failed: visits.filter(({ status }) => status !== 200).length,
      slowestMs: Math.round(visits.reduce((most, { tookMs }) => Math.max(most, tookMs), 0)),
      transitions: history.length - known,
      ...footprintOf(cloud.pid ?? 0, join(directory, '.local')),
    };
    table.push(figures);
    console.log(`round ${round} of ${rounds}: ${JSON.stringify(figures)}`);
  }
  const late = await crowd.leave();
  clearInterval(following);
  follow();
  const generation = await storedGeneration();
  const failed = [
    ...table.map((round) => round.failed),
    late.filter((one) => one.status !== 200).length,
  ];
  return judge(table, {
    problems: problemsOf(history, generation),
    failed: failed.reduce((sum, one) => sum + one, 0),
    generation,
  });
}

async function storedGeneration(): Promise<number> {
  const endpoint = `http://127.0.0.1:${ports.get('dynamodb')}`;
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const { TableNames = [] } = await client.send(new ListTablesCommand());
  const store = dynamoStore({ client, tableName: TableNames[0] ?? '' });
  const item = await store.read('recommendations', { consistent: true });
  client.destroy();
  return Number(item?.generation ?? 0);
}

interface Result {
  readonly problems: readonly string[];
  readonly failed: number;
  readonly generation: number;
}

function judge(table: readonly Round[], { problems, failed, generation }: Result): number {
  console.table(table);
  const warmRounds = Math.ceil(WARM_SHARE * table.length);
  const [begin, end] = [table[warmRounds - 1], table.at(-1)];
  const complaints = [...problems];
  if (failed > 0) complaints.push(`${failed} requests failed`);
  if (generation === 0) complaints.push('the circuit has never opened');
  for (const [what, limit] of Object.entries(GROWTH_LIMITS)) {
    if (!begin || !end) break;
    const growth = growthOf(begin, end, what as keyof typeof GROWTH_LIMITS);
    const percent = `${(100 * growth).toFixed(1)} %`;
    console.log(`${what} of each environment: ${percent} more than after ${warmRounds} rounds`);
    if (growth > limit) complaints.push(`${what} of each environment grew by ${percent}`);
  }
  const mostThreads = ENVIRONMENTS_PER_USER * users + OWN_THREADS;
  if (end && end.threads > mostThreads) complaints.push(`${end.threads} threads`);
  if (end && end.diskMb > DISK_LIMIT_MB) complaints.push(`${end.diskMb} MB of disk`);
  console.log(
    `${generation} generations, each of them told once: ${problems.length === 0 ? 'yes' : 'no'}`,
  );
  for (const complaint of complaints) console.error(`not as it should be: ${complaint}`);
  return complaints.length === 0 ? 0 : 1;
}

async function fault(...args: string[]): Promise<void> {
  const outputs = join(directory, '.local/outputs.json');
  const child = spawn(process.execPath, ['ops/fault.ts', ...args, '--outputs', outputs], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the fault could not be switched (${args.join(' ')})`);
}
