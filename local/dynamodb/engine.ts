/**
 * DynamoDB stands next to the functions, so its stand-in is a process of its own: the dynoxide binary where it is
 * installed (Linux x64), dynalite elsewhere. Data lives in memory and ends with the engine.
 *
 * The binary outlives a parent that is killed. A pid file lets the next start find such an orphan; dynalite ends
 * itself when the channel to its parent closes.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  ListTablesCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CREDENTIALS, LOOPBACK, REGION } from '../region.ts';
import { forgetChild, rememberChild } from './orphan.ts';

export interface Engine {
  readonly name: string;
  readonly endpoint: string;
  /** For a test that makes it hang, or kills it. */
  readonly pid: number;
  /** Settles when the process ends, wanted or not, and says how. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

export interface EngineOptions {
  readonly port: number;
  readonly pidFile: string;
  readonly tables: readonly CreateTableCommandInput[];
  /** Path of the dynoxide binary, or undefined for dynalite. */
  readonly binary: string | undefined;
}

const START_LIMIT_MS = 10_000;
const POLL_MS = 25;

export function installedBinary(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('@dynoxide/linux-x64/dynoxide');
  } catch {
    return undefined;
  }
}

export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { port, pidFile, tables, binary } = options;
  const endpoint = `http://${LOOPBACK}:${port}`;
  const child = binary ? spawnBinary(binary, port) : forkDynalite(port);
  const exited = endOf(child);
  // Also when the main program crashes: no engine stays behind.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  void exited.then(() => process.off('exit', kill));
  const stop = async () => {
    kill();
    await exited;
    if (binary) forgetChild(pidFile);
  };
  try {
    if (binary) rememberChild(pidFile, child);
    await createTables({ child, endpoint, tables });
  } catch (error) {
    await stop();
    throw error;
  }
  return { name: binary ? 'dynoxide' : 'dynalite', endpoint, pid: child.pid ?? 0, exited, stop };
}

const spawnBinary = (binary: string, port: number): ChildProcess =>
  spawn(binary, ['serve', '--host', LOOPBACK, '--port', String(port)], { stdio: 'ignore' });

/** In a process group of its own, so that Ctrl-C in a terminal leaves the order of stopping to the parent. */
const forkDynalite = (port: number): ChildProcess =>
  fork(fileURLToPath(new URL('./dynalite-process.ts', import.meta.url)), [String(port)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [],
    detached: true,
  });

async function endOf(child: ChildProcess): Promise<string> {
  const [exitCode, signal] = await once(child, 'exit');
  return signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
}

interface Starting {
  readonly child: ChildProcess;
  readonly endpoint: string;
  readonly tables: readonly CreateTableCommandInput[];
}

async function createTables({ child, endpoint, tables }: Starting): Promise<void> {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  try {
    await answers(client, child);
    for (const table of tables) await client.send(new CreateTableCommand(table));
    for (const { TableName } of tables) {
      await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName });
    }
  } finally {
    client.destroy();
  }
}

async function answers(client: DynamoDBClient, child: ChildProcess): Promise<void> {
  const giveUpAtMs = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      const ended = child.exitCode !== null || child.signalCode !== null;
      if (ended || performance.now() > giveUpAtMs) {
        throw new Error('the DynamoDB engine does not start', { cause: error });
      }
      await sleep(POLL_MS);
    }
  }
}
