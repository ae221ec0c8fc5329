/** The stack on the emulator, deployed and operated by the commands that people use. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  DeleteTableCommand,
  DynamoDBClient,
  ResourceNotFoundException,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';

export const endpoint = process.env.LOCALSTACK_ENDPOINT;
export const noEndpoint =
  'LOCALSTACK_ENDPOINT is not set: run `npm run ministack -- npm run test:localstack`, or start LocalStack and set it';

/** Settings of an SDK client. */
export const client = {
  endpoint: endpoint ?? '',
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

/** Of its own, so that a demonstration on the same emulator stays as it is. */
const STAGE = 'check';
const directory = mkdtempSync(join(tmpdir(), 'fleet-breaker-localstack-'));
const outputsFile = join(directory, 'outputs.json');

const run = async (script: string, ...args: string[]): Promise<string> => {
  const node = ['--conditions=fleet-breaker-source', `ops/${script}.ts`, ...args];
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...node,
    '--outputs',
    outputsFile,
  ]);
  return stdout;
};

export const fault = (...args: string[]) => run('fault', ...args, '--target', 'localstack');
export const logs = (...args: string[]) => run('logs', ...args, '--target', 'localstack');
export const circuit = async (...args: string[]) =>
  JSON.parse(await run('circuit', ...args, '--target', 'localstack'));

export async function deploy(): Promise<Record<string, string>> {
  await run('localstack', 'deploy', '-c', `stage=${STAGE}`);
  return JSON.parse(readFileSync(outputsFile, 'utf8'))[`fleet-breaker-${STAGE}`];
}

export const isDeployed = () => existsSync(outputsFile);

/** With the table, which outside the demo stage outlives its stack and is protected. */
export async function destroy(): Promise<void> {
  await run('localstack', 'destroy', '-c', `stage=${STAGE}`);
  const dynamoDb = new DynamoDBClient(client);
  const TableName = `fleet-breaker-${STAGE}-circuits`;
  try {
    await dynamoDb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
    await dynamoDb.send(new DeleteTableCommand({ TableName }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}

export const forget = () => rmSync(directory, { recursive: true });
