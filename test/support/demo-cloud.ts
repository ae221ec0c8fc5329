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

export async function startDemoCloud({ prewarm }: { prewarm: number }) {
  const directory = mkdtempSync(join(tmpdir(), 'demo-cloud-'));
  const stateDir = join(directory, '.local');
  const parts: Part[] = ['gateway-v1', 'product', 'recommendations', 'gateway-v2'];
  const ports = await freePorts(...parts, 'dynamodb', 'lambda');
  const cloud = await startCloud({
    ...{ assemblyDir: ASSEMBLY_DIR, stateDir, prewarm, ports: { chosen: ports, usual: {} } },
    ...{ accountConcurrency: 1000, variables: {}, enforceIam: true },
  });
  return {
    ...cloud,
    directory,
    async get(part: Part, path: string): Promise<Record<string, unknown>> {
      const response = await fetch(`http://localhost:${portOf(ports, part)}${path}`);
      return { status: response.status, ...((await response.json()) as object) };
    },
    fault: (...args: string[]) =>
      run(process.execPath, ['ops/fault.ts', ...args, '--outputs', join(stateDir, 'outputs.json')]),
    /** How many lines match, by log stream: one for each environment that the function has had. */
    lines(part: Part, pattern: RegExp): Map<string, number> {
      const logDir = join(stateDir, 'logs', `${cloud.stack.name}-${part}`);
      const linesOf = (file: string) => readFileSync(join(logDir, file), 'utf8').split('\n');
      const count = (file: string) => linesOf(file).filter((line) => pattern.test(line)).length;
      return new Map(readdirSync(logDir).map((file) => [file, count(file)]));
    },
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
