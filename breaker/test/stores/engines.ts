/**
 * Engines that speak DynamoDB's protocol, each a child process on a free loopback port.
 *
 * The environment may say ENGINES=none or ENGINES=all, as `npm run test:engines` does; else it is the
 * first that is there, because each takes its time. AWS's DynamoDB Local may not be redistributed and
 * so is never a dependency: it runs where DYNAMODB_LOCAL names its folder.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, it } from 'vitest';

export interface Engine {
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  readonly tableName: string;
  stop(): Promise<void>;
}

type Command = readonly [string, ...string[]];

const HOST = '127.0.0.1';
const GUARD = fileURLToPath(new URL('./engine-guard.ts', import.meta.url));
const START_LIMIT_MS = 60_000;
const require = createRequire(import.meta.url);

/** How each engine is started, the fastest first. A command that throws says why there is none. */
const COMMANDS: Record<string, (port: string) => Command> = {
  dynoxide(port) {
    const binary = require.resolve('@dynoxide/linux-x64/dynoxide');
    return [binary, 'serve', '--host', HOST, '--port', port];
  },
  dynalite(port) {
    const cli = join(dirname(require.resolve('dynalite')), 'cli.js');
    return [process.execPath, cli, '--host', HOST, '--port', port, '--createTableMs', '0'];
  },
  'DynamoDB Local'(port) {
    const folder = process.env.DYNAMODB_LOCAL;
    if (!folder) throw new Error('it runs only in npm run test:engines, and needs Java 17 there');
    const jar = join(folder, 'DynamoDBLocal.jar');
    const options = ['-inMemory', '-sharedDb', '-disableTelemetry', '-port', port];
    return [
      'java',
      `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
      '-jar',
      jar,
      ...options,
    ];
  },
};

/** Describes `suite` on an engine, or on each, which runs from its first test to its last. */
export function describeEngines(suite: (engine: () => Engine) => void): void {
  if (process.env.ENGINES === 'none') {
    it.skip('on no engine, as ENGINES is none');
    return;
  }
  for (const [name, command] of Object.entries(COMMANDS)) {
    const missing = whyNot(() => command('0'));
    if (missing !== undefined) {
      console.warn(`No tests on ${name}: ${missing}`);
      it.skip(`on ${name}: ${missing}`);
      continue;
    }
    describe(`on ${name}`, () => {
      let engine: Engine;
      beforeAll(async () => {
        engine = await startEngine(command);
      });
      afterAll(() => engine?.stop());
      suite(() => engine);
    });
    if (process.env.ENGINES !== 'all') break;
  }
}

function whyNot(attempt: () => unknown): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
}

async function startEngine(command: (port: string) => Command): Promise<Engine> {
  const port = await freePort();
  const guard = spawn(process.execPath, [GUARD, ...command(String(port))], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const endpoint = `http://${HOST}:${port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const stop = async () => {
    client.destroy();
    if (guard.exitCode !== null) return;
    guard.stdin.end();
    await once(guard, 'exit');
  };
  try {
    return { client, endpoint, tableName: await createTable(client, guard), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createTable(client: DynamoDBClient, guard: ChildProcess): Promise<string> {
  const TableName = 'circuits';
  const table = new CreateTableCommand({
    TableName,
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const giveUpAtMs = performance.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await client.send(table);
      break;
    } catch (error) {
      const isOver = guard.exitCode !== null || performance.now() > giveUpAtMs;
      if (isOver) throw new Error('The engine does not start', { cause: error });
      await sleep(20);
    }
  }
  await waitUntilTableExists({ client, minDelay: 1, maxWaitTime: 10 }, { TableName });
  return TableName;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
