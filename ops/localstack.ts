/**
 * `npm run localstack:deploy` and `localstack:destroy`: the same stack as on AWS, into LocalStack or into whatever else
 * speaks its language. The endpoint must be one under which the functions reach it too, because the stack writes it
 * into the URLs of the services.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { readCommandLine, runCommand } from './command.ts';
import { clientSettings, EMULATED_REGION, OUTPUTS, readOutputs, stackOutput } from './targets.ts';

/** LocalStack answers to this name on this machine and inside the containers that it starts for functions. */
const ITS_NAME = 'localhost.localstack.cloud';
const ROOT = join(import.meta.dirname, '..');
const CDK_OUT = '.localstack/cdk.out';
const ACCOUNT = '000000000000';

const USAGE = `npm run localstack:deploy|localstack:destroy [-- options]
  -c, --context KEY=VALUE   a setting of the stack, as with cdk deploy; may be repeated
  --outputs FILE            where the outputs are kept (default ${OUTPUTS.localstack.file})
LOCALSTACK_ENDPOINT names the endpoint (default http://${ITS_NAME}:4566).`;

async function main(): Promise<void> {
  const line = readCommandLine({
    usage: USAGE,
    words: ['deploy', 'destroy'],
    options: {
      context: { type: 'string', short: 'c', multiple: true, default: [] },
      outputs: { type: 'string', default: OUTPUTS.localstack.file },
    },
  });
  if (!line) return;
  const { word, values } = line;
  const endpoint = process.env.LOCALSTACK_ENDPOINT ?? `http://${ITS_NAME}:4566`;
  await mustAnswer(endpoint);
  const context = [`endpointUrl=${endpoint}`, ...values.context].flatMap((one) => ['-c', one]);
  const cdklocal = (...args: string[]) => runCdklocal(endpoint, [...args, '--output', CDK_OUT]);
  if (word === 'destroy') {
    await cdklocal('destroy', '--force', ...context);
    rmSync(values.outputs, { force: true });
    return;
  }
  await cdklocal('bootstrap', `aws://${ACCOUNT}/${EMULATED_REGION}`);
  const file = ['--outputs-file', values.outputs];
  await cdklocal('deploy', '--require-approval', 'never', ...file, ...context);
  addEndpoints(values.outputs, endpoint);
  await makeFirstWrite(values.outputs, endpoint);
}

async function mustAnswer(endpoint: string): Promise<void> {
  try {
    const { ok, status } = await fetch(`${endpoint}/_localstack/health`);
    if (!ok) throw new Error(`its health check says ${status}`);
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string } };
    const unresolved = cause?.code === 'ENOTFOUND' && endpoint.includes(ITS_NAME);
    throw new Error(
      unresolved
        ? `${ITS_NAME} cannot be resolved: add the line \`127.0.0.1 ${ITS_NAME}\` to your hosts file`
        : `LocalStack does not answer at ${endpoint} (${cause?.code ?? message}): start it with \`npm run localstack:up\`, or name another endpoint in LOCALSTACK_ENDPOINT`,
      { cause: error },
    );
  }
}

async function runCdklocal(endpoint: string, args: string[]): Promise<void> {
  const cdklocal = createRequire(import.meta.url).resolve('aws-cdk-local/bin/cdklocal');
  const child = spawn(process.execPath, [cdklocal, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true, // a group of its own, so that the CDK process that cdklocal starts can be stopped with it
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter), // cdk.json starts the app as `node`
      AWS_ENDPOINT_URL: endpoint,
      // To an address the name of a bucket cannot be added, as it is to a name, where only a DNS server would know it.
      AWS_ENDPOINT_URL_S3: endpoint.replace(`//${ITS_NAME}`, '//127.0.0.1'),
      // cdklocal drops all other AWS variables, so that nothing leads to a real account.
      AWS_ENVAR_ALLOWLIST: 'AWS_CA_BUNDLE',
    },
  });
  const forget = stopOnSignals(child);
  const [code, signal] = await once(child, 'exit');
  forget();
  if (signal) throw new Error(`cdklocal ${args[0]} was ended by ${signal}`);
  if (code !== 0) throw new Error(`cdklocal ${args[0]} failed (exit code ${code}); see above`);
}

function stopOnSignals({ pid }: ChildProcess): () => void {
  const stop = (signal: NodeJS.Signals) => pid !== undefined && process.kill(-pid, signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  };
}

/** As in the outputs of the local run: where the operator's commands find the APIs of Lambda and DynamoDB. */
function addEndpoints(file: string, endpoint: string): void {
  const outputs = JSON.parse(readFileSync(file, 'utf8'));
  outputs.localstack = { LambdaEndpoint: endpoint, DynamoDbEndpoint: endpoint };
  writeFileSync(file, `${JSON.stringify(outputs, null, 2)}\n`);
}

/**
 * A cold DynamoDB on an emulator answers its first write after 600 ms, longer than the breaker waits for one: the first
 * outage would be counted by each instance alone. Nothing is left of this write.
 */
async function makeFirstWrite(file: string, endpoint: string): Promise<void> {
  const client = new DynamoDBClient(clientSettings('localstack', () => endpoint));
  const TableName = stackOutput(readOutputs('localstack', file), 'CircuitTableName');
  const Key = { pk: { S: 'first-write' } };
  await client.send(new PutItemCommand({ TableName, Item: Key }));
  const UpdateExpression = 'SET touched = :true';
  const ExpressionAttributeValues = { ':true': { BOOL: true } };
  await client.send(
    new UpdateItemCommand({ TableName, Key, UpdateExpression, ExpressionAttributeValues }),
  );
  await client.send(new DeleteItemCommand({ TableName, Key }));
}

await runCommand(main);
