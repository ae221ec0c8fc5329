/**
 * `npm run circuit -- status|force-open|force-closed|release|close`: looks at the shared circuit and
 * overrules it, through its table only. Whoever may do so is a matter of IAM, not of an endpoint.
 */
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Breaker, type CircuitStatus, createBreaker } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { sightingLine, sightingOf } from './circuit-sighting.ts';
import { readCommandLine, runCommand } from './command.ts';
import { confirmStage } from './confirm.ts';
import { durationMs } from './duration.ts';
import { clientSettings, explain, parseTarget, readOutputs, stackOutput } from './targets.ts';

const USAGE = `npm run circuit -- status|force-open|force-closed|release|close [options]
  close: the downstream is known to be well; release: what was forced ends, with one probe
  --reason TEXT                   why, for everybody who looks at the circuit
  --for 60s                       force-open, force-closed: how long (500ms, 60s, 5m, 1h);
                                  without it until release
  --watch                         status: a line whenever something changes, until Ctrl-C
  --json                          with --watch: each line is a JSON object, for programs
  --name CIRCUIT                  which circuit (default recommendations)
  --target local|localstack|aws   where the table is (default local)
  --outputs FILE                  the stack's outputs (default .local/outputs.json,
                                  .localstack/outputs.json, cdk-outputs.json)
  --table NAME                    instead of the outputs, on aws
  --stage NAME                    on aws, for another stage than demo: instead of a question`;

const WATCH_MS = 200;
/** People wait longer for an answer than a request can. */
const PATIENT_MS = 5_000;

/** Why the table was out of reach, where it was. */
let trouble: Error | undefined;

async function main(): Promise<void> {
  const line = readCommandLine({
    usage: USAGE,
    words: ['status', 'force-open', 'force-closed', 'release', 'close'],
    options: {
      reason: { type: 'string' },
      for: { type: 'string' },
      watch: { type: 'boolean' },
      json: { type: 'boolean', default: false },
      name: { type: 'string', default: 'recommendations' },
      target: { type: 'string', default: 'local' },
      outputs: { type: 'string' },
      table: { type: 'string' },
      stage: { type: 'string' },
    },
  });
  if (!line) return;
  const { word, values } = line;
  const { breaker, tableName, region } = connect(values);
  if (word !== 'status' && values.target === 'aws') {
    const what = `${word} the circuit ${values.name} in ${tableName}`;
    const at = { resource: tableName, region: await region() };
    await confirmStage({ what, ...at, given: values.stage });
  }
  const untilMs =
    values.for === undefined ? undefined : Date.now() + durationMs('--for', values.for);
  const reason = values.reason ?? `${word} by ${userInfo().username}`;
  if (word === 'force-open') await breaker.forceOpen(reason, untilMs);
  else if (word === 'force-closed') await breaker.forceClosed(reason, untilMs);
  else if (word === 'release') await breaker.release(reason);
  else if (word === 'close') await breaker.close(reason);
  if (values.watch) await watch(breaker, values);
  else console.log(JSON.stringify(reachable(await breaker.status()), null, 2));
}

function connect(values: { name: string; target: string; outputs?: string; table?: string }) {
  const target = parseTarget(values.target);
  const outputs = () => readOutputs(target, values.outputs);
  const client = new DynamoDBClient({
    ...clientSettings(target, () => stackOutput(outputs(), 'DynamoDbEndpoint')),
    maxAttempts: 1,
  });
  const tableName = values.table ?? stackOutput(outputs(), 'CircuitTableName');
  const breaker = createBreaker({
    name: values.name,
    store: dynamoStore({ client, tableName }),
    instanceId: `operator ${userInfo().username}`,
    storeBudget: { connectMs: PATIENT_MS, writeMs: PATIENT_MS },
    onStoreChange: ({ error }) => {
      trouble = error;
    },
  });
  return { breaker, tableName, region: client.config.region };
}

/** One line per change; the same item is not told twice. A table that does not answer is asked again, and that is said. */
async function watch(breaker: Breaker, { json }: { json: boolean }): Promise<never> {
  let last = '';
  for (;;) {
    const status = await breaker.status();
    const { retryAfterMs: _, ...item } = status;
    if (JSON.stringify(item) !== last) tell(status, json);
    last = JSON.stringify(item);
    await sleep(WATCH_MS);
  }
}

function tell(status: CircuitStatus, json: boolean): void {
  if (status.store !== 'available') {
    console.error(`the table cannot be read, trying on: ${explain(trouble)}`);
    return;
  }
  const sighting = sightingOf(status, Date.now());
  console.log(json ? JSON.stringify(sighting) : sightingLine(sighting, process.stdout));
}

function reachable(status: CircuitStatus): CircuitStatus {
  if (status.store === 'available') return status;
  throw new Error(`the table cannot be read: ${explain(trouble)}`);
}

await runCommand(main);
