/**
 * `npm run fault -- on|off`: lets the recommendations hang, or answer again, by changing the function's variables.
 * New environments start with the new ones, and running ones finish what they do, on AWS as in the local run.
 */
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdated,
} from '@aws-sdk/client-lambda';
import { readCommandLine, runCommand } from './command.ts';
import { clientSettings, parseTarget, readOutputs, stackOutput } from './targets.ts';

const USAGE = `npm run fault -- on|off [options]
  --target local|localstack|aws   where the stack runs (default local)
  --hang-ms N                     with on: how long the recommendations hang before they fail
  --percent N                     with on: how many of a hundred calls it meets
  --outputs FILE                  the stack's outputs (default .local/outputs.json,
                                  .localstack/outputs.json, cdk-outputs.json)
  --function NAME                 instead of the outputs, on aws
  --json                          prints a JSON object, for programs`;

const UPDATE_LIMIT_S = 120;
const SHOWN = ['SIMULATE_FAILURE', 'FAILURE_HANG_MS', 'FAILURE_PERCENT'] as const;

type Fault = { on: boolean; variables: Record<string, string> };

/** What `--json` prints. In between, calls may meet the fault or not. */
interface FaultChange {
  /** Those that make the fault; a function may hold others, which are nobody's business. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly askedAtMs: number;
  readonly inForceAtMs: number;
}

async function main(): Promise<void> {
  const line = readCommandLine({
    usage: USAGE,
    words: ['on', 'off'],
    options: {
      target: { type: 'string', default: 'local' },
      'hang-ms': { type: 'string' },
      percent: { type: 'string' },
      outputs: { type: 'string' },
      function: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (!line) return;
  const { word, values } = line;
  const fault = parseFault(word, {
    FAILURE_HANG_MS: values['hang-ms'],
    FAILURE_PERCENT: values.percent,
  });
  const target = parseTarget(values.target);
  const outputs = () => readOutputs(target, values.outputs);
  const client = new LambdaClient(
    clientSettings(target, () => stackOutput(outputs(), 'LambdaEndpoint')),
  );
  const name = values.function ?? stackOutput(outputs(), 'RecommendationsFunctionName');
  const change = await setFault(client, name, fault);
  if (values.json) return console.log(JSON.stringify(change));
  const { variables } = change;
  const shown = Object.entries(variables).map(([variable, value]) => `${variable}=${value}`);
  console.log(`${name}: ${shown.join(' ')}`);
}

function parseFault(word: 'on' | 'off', given: Record<string, string | undefined>): Fault {
  const variables = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const values = Object.values(variables);
  if (values.length > 0 && (word === 'off' || !values.every((value) => /^\d+$/.test(value)))) {
    throw new Error('--hang-ms and --percent: each takes a whole number and goes with `on`');
  }
  return { on: word === 'on', variables };
}

/** An update replaces all variables, so the others are read first and sent along. Returns once it is in force. */
async function setFault(
  client: LambdaClient,
  name: string,
  { on, variables }: Fault,
): Promise<FaultChange> {
  const current = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  const Variables: Record<string, string> = {
    ...current.Environment?.Variables,
    SIMULATE_FAILURE: String(on),
    ...variables,
  };
  const askedAtMs = Date.now();
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment: { Variables } }),
  );
  await waitUntilFunctionUpdated(
    { client, maxWaitTime: UPDATE_LIMIT_S, minDelay: 0.2, maxDelay: 2 },
    { FunctionName: name },
  );
  const shown = SHOWN.map((variable) => [variable, Variables[variable]] as const);
  return { variables: Object.fromEntries(shown), askedAtMs, inForceAtMs: Date.now() };
}

await runCommand(main);
