/**
 * `npm run fault -- on|off`: lets the recommendations hang, or answer again, by changing the function's variables.
 * New environments start with the new ones, and running ones finish what they do, on AWS as in the local run.
 *
 * The fault ends by itself, because a demonstration can be killed, and because CloudFormation does not see what was
 * changed here: `npm run deploy` would leave it on.
 */
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdated,
} from '@aws-sdk/client-lambda';
import { readCommandLine, runCommand } from './command.ts';
import { confirmStage } from './confirm.ts';
import { durationMs } from './duration.ts';
import { clientSettings, parseTarget, readOutputs, stackOutput } from './targets.ts';

const USAGE = `npm run fault -- on|off [options]
  --target local|localstack|aws   where the stack runs (default local)
  --for 30m                       with on: when it ends by itself (60s, 5m, 1h; default 30m)
  --hang-ms N                     with on: how long the recommendations hang before they fail
  --percent N                     with on: how many of a hundred calls it meets
  --outputs FILE                  the stack's outputs (default .local/outputs.json,
                                  .localstack/outputs.json, cdk-outputs.json)
  --function NAME                 instead of the outputs, on aws
  --json                          prints a JSON object, for programs
  --stage NAME                    on aws, for another stage than demo: instead of a question`;

const DEFAULT_DURATION = '30m';
const UPDATE_LIMIT_S = 120;
const SHOWN = ['SIMULATE_FAILURE', 'FAILURE_HANG_MS', 'FAILURE_PERCENT', 'SIMULATE_UNTIL'] as const;

type Variables = Readonly<Record<string, string>>;
type WithOn = { readonly [option in 'for' | 'hang-ms' | 'percent']?: string };

/** What `--json` prints. On AWS, calls may meet the fault or not until the change is in force. */
interface FaultChange {
  /** Those that make the fault; a function may hold others, which are nobody's business. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly askedAtMs: number;
  readonly acceptedAtMs: number;
  readonly inForceAtMs: number;
}

async function main(): Promise<void> {
  const line = readCommandLine({
    usage: USAGE,
    words: ['on', 'off'],
    options: {
      target: { type: 'string', default: 'local' },
      for: { type: 'string' },
      'hang-ms': { type: 'string' },
      percent: { type: 'string' },
      outputs: { type: 'string' },
      function: { type: 'string' },
      json: { type: 'boolean', default: false },
      stage: { type: 'string' },
    },
  });
  if (!line) return;
  const { word, values } = line;
  const changes = changesOf(word, values);
  const target = parseTarget(values.target);
  const outputs = () => readOutputs(target, values.outputs);
  const client = new LambdaClient(
    clientSettings(target, () => stackOutput(outputs(), 'LambdaEndpoint')),
  );
  const name = values.function ?? stackOutput(outputs(), 'RecommendationsFunctionName');
  if (target === 'aws') {
    const what = `switch the fault of ${name} ${word}`;
    const region = await client.config.region();
    await confirmStage({ what, resource: name, region, given: values.stage });
  }
  const change = await changeVariables(client, name, changes);
  if (values.json) return console.log(JSON.stringify(change));
  const { variables } = change;
  const shown = Object.entries(variables).map(([variable, value]) => `${variable}=${value}`);
  console.log(`${name}: ${shown.join(' ')}`);
}

function changesOf(word: 'on' | 'off', given: WithOn): Variables {
  if (word === 'off') {
    const misplaced = (['for', 'hang-ms', 'percent'] as const).find((option) => given[option]);
    if (misplaced) throw new Error(`--${misplaced} goes with \`on\``);
    return { SIMULATE_FAILURE: 'false', SIMULATE_UNTIL: '' };
  }
  const endsAtMs = Date.now() + durationMs('--for', given.for ?? DEFAULT_DURATION);
  return {
    SIMULATE_FAILURE: 'true',
    SIMULATE_UNTIL: new Date(endsAtMs).toISOString(),
    ...wholeNumber('FAILURE_HANG_MS', '--hang-ms', given['hang-ms']),
    ...wholeNumber('FAILURE_PERCENT', '--percent', given.percent),
  };
}

function wholeNumber(variable: string, option: string, given: string | undefined): Variables {
  if (given === undefined) return {};
  if (!/^\d+$/.test(given)) throw new Error(`${option} ${given}: write a whole number`);
  return { [variable]: given };
}

/**
 * An update replaces all variables, so the others are read first and sent along. The revision makes Lambda refuse what
 * would undo a change of somebody else in between. Returns once it is in force.
 */
async function changeVariables(
  client: LambdaClient,
  FunctionName: string,
  changes: Variables,
): Promise<FaultChange> {
  const current = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const Variables: Variables = { ...current.Environment?.Variables, ...changes };
  const { RevisionId } = current;
  const askedAtMs = Date.now();
  await client.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName,
      RevisionId,
      Environment: { Variables },
    }),
  );
  const acceptedAtMs = Date.now();
  await waitUntilFunctionUpdated(
    { client, maxWaitTime: UPDATE_LIMIT_S, minDelay: 0.2, maxDelay: 2 },
    { FunctionName },
  );
  const shown = SHOWN.map((variable) => [variable, Variables[variable]] as const);
  return { variables: Object.fromEntries(shown), askedAtMs, acceptedAtMs, inForceAtMs: Date.now() };
}

await runCommand(main);
