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
  --function NAME                 instead of the outputs, on aws`;

const UPDATE_LIMIT_S = 120;

type Fault = { on: boolean; variables: Record<string, string> };

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
  const variables = await setFault(client, name, fault);
  const shown = ['SIMULATE_FAILURE', 'FAILURE_HANG_MS', 'FAILURE_PERCENT'] as const;
  console.log(`${name}: ${shown.map((one) => `${one}=${variables[one]}`).join(' ')}`);
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
async function setFault(client: LambdaClient, name: string, { on, variables }: Fault) {
  const current = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  const Variables: Record<string, string> = {
    ...current.Environment?.Variables,
    SIMULATE_FAILURE: String(on),
    ...variables,
  };
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: name, Environment: { Variables } }),
  );
  await waitUntilFunctionUpdated(
    { client, maxWaitTime: UPDATE_LIMIT_S, minDelay: 1, maxDelay: 2 },
    { FunctionName: name },
  );
  return Variables;
}

await runCommand(main);
