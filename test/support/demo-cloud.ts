/** The demo's stack in a local cloud on free ports, with all that it leaves behind in one temporary directory. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { startCloud } from '../../local/cloud.ts';
import { portOf } from '../../local/ports.ts';
import { CREDENTIALS, REGION } from '../../local/region.ts';
import { ASSEMBLY_DIR } from '../../local/synth.ts';
import { freePorts } from '../../local/testdata/fixture-cloud.ts';

type Part = 'gateway-v1' | 'product' | 'recommendations' | 'gateway-v2';

const run = promisify(execFile);

interface Options {
  readonly prewarm: number;
  readonly assemblyDir?: string;
  readonly enforceIam?: boolean;
}

export async function startDemoCloud(options: Options) {
  const { prewarm, assemblyDir = ASSEMBLY_DIR, enforceIam = true } = options;
  const directory = mkdtempSync(join(tmpdir(), 'demo-cloud-'));
  const stateDir = join(directory, '.local');
  const parts: Part[] = ['gateway-v1', 'product', 'recommendations', 'gateway-v2'];
  const ports = await freePorts(...parts, 'dynamodb', 'lambda');
  const cloud = await startCloud({
    ...{ assemblyDir, stateDir, prewarm, ports: { chosen: ports, usual: {} } },
    ...{ accountConcurrency: 1000, variables: {}, enforceIam },
  });
  const urlOf = (part: Part, path: string) => `http://localhost:${portOf(ports, part)}${path}`;
  /** By log stream. */
  const logs = (part: Part): Map<string, string> => {
    const logDir = join(stateDir, 'logs', `${cloud.stack.name}-${part}`);
    const files = readdirSync(logDir);
    return new Map(files.map((file) => [file, readFileSync(join(logDir, file), 'utf8')]));
  };
  return {
    ...cloud,
    directory,
    urlOf,
    async get(part: Part, path: string): Promise<Record<string, unknown>> {
      const response = await fetch(urlOf(part, path));
      return { status: response.status, ...((await response.json()) as object) };
    },
    fault: (...args: string[]) =>
      run(process.execPath, ['ops/fault.ts', ...args, '--outputs', join(stateDir, 'outputs.json')]),
    /** How many lines match, by log stream: one for each environment that the function has had. */
    lines(part: Part, pattern: RegExp): Map<string, number> {
      const count = (log: string) => log.split('\n').filter((line) => pattern.test(line)).length;
      return new Map([...logs(part)].map(([stream, log]) => [stream, count(log)]));
    },
    logs,
    /** An item that is missing means a circuit that was never written. */
    async storedCircuit() {
      const { endpoint } = cloud.engine;
      const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
      const store = dynamoStore({ client, tableName: cloud.stack.tables[0]?.TableName ?? '' });
      const item = await store.read('recommendations', { consistent: true });
      client.destroy();
      return item ?? { state: 'CLOSED', generation: 0 };
    },
    async close() {
      await cloud.close();
      rmSync(directory, { recursive: true });
    },
  };
}
