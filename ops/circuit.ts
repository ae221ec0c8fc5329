/**
 * `npm run circuit -- status|force-open|force-closed|release|close`: looks at the shared circuit and
 * overrules it, through its table only. Whoever may do so is a matter of IAM, not of an endpoint.
 */
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type CircuitStatus, createBreaker } from 'fleet-breaker';
import { dynamoStore } from 'fleet-breaker/dynamodb';
import { durationMs } from './duration.ts';
import { clientSettings, explain, parseTarget, readOutputs, stackOutput } from './targets.ts';

const USAGE = `npm run circuit -- status|force-open|force-closed|release|close [options]
  close: the downstream is known to be well; release: what was forced ends, with one probe
  --reason TEXT                   why, for everybody who looks at the circuit
  --for 60s                       force-open, force-closed: how long (500ms, 60s, 5m, 1h);
                                  without it until release
  --watch                         status: a line whenever something changes, until Ctrl-C
  --name CIRCUIT                  which circuit (default recommendations)
  --target local|localstack|aws   where the table is (default local)
  --outputs FILE                  the stack's outputs (default .local/outputs.json,
                                  .localstack/outputs.json, cdk-outputs.json)
  --table NAME                    instead of the outputs, on aws`;

const COMMANDS = ['status', 'force-open', 'force-closed', 'release', 'close'];
const WATCH_MS = 200;
/** People wait longer for an answer than a request can. */
const PATIENT_MS = 5_000;

/** Why the table was out of reach, where it was. */
let trouble: Error | undefined;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      reason: { type: 'string' },
      for: { type: 'string' },
      watch: { type: 'boolean' },
      name: { type: 'string', default: 'recommendations' },
      target: { type: 'string', default: 'local' },
      outputs: { type: 'string' },
      table: { type: 'string' },
    },
  });
  if (values.help) return console.log(USAGE);
  const [command = '', ...others] = positionals;
  if (others.length > 0 || !COMMANDS.includes(command)) throw new Error(USAGE);
  const breaker = connect(values);
  const untilMs =
    values.for === undefined ? undefined : Date.now() + durationMs('--for', values.for);
  const reason = values.reason ?? `${command} by ${userInfo().username}`;
  if (command === 'force-open') await breaker.forceOpen(reason, untilMs);
  else if (command === 'force-closed') await breaker.forceClosed(reason, untilMs);
  else if (command === 'release') await breaker.release(reason);
  else if (command === 'close') await breaker.close(reason);
  if (values.watch) await watch(breaker);
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
  return createBreaker({
    name: values.name,
    store: dynamoStore({ client, tableName }),
    instanceId: `operator ${userInfo().username}`,
    storeBudget: { connectMs: PATIENT_MS, writeMs: PATIENT_MS },
    onStoreChange: ({ error }) => {
      trouble = error;
    },
  });
}

/** One line per change; the same item is not told twice. */
async function watch(breaker: ReturnType<typeof connect>): Promise<never> {
  let last = '';
  for (;;) {
    const status = reachable(await breaker.status());
    const { retryAfterMs: _, ...item } = status;
    if (JSON.stringify(item) !== last) console.log(line(status));
    last = JSON.stringify(item);
    await sleep(WATCH_MS);
  }
}

function line(status: CircuitStatus): string {
  const { state, generation, reason, updatedBy, updatedAt, override, streakFailures } = status;
  // A forced state stays in the item until somebody writes it again, in force or not.
  const isOver = Date.parse(String(status.overrideUntil)) <= Date.now();
  const forced = override ? ` (${override}${isOver ? ', over' : ''})` : '';
  const failures = streakFailures ? `  ${streakFailures} failures in a row` : '';
  const when = typeof updatedAt === 'string' ? updatedAt : new Date().toISOString();
  return `${when}  ${state}${forced}  generation ${generation}${failures}  ${reason}  by ${updatedBy || 'nobody'}`;
}

function reachable(status: CircuitStatus): CircuitStatus {
  if (status.store === 'available') return status;
  throw new Error(`the table cannot be read: ${explain(trouble)}`);
}

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
