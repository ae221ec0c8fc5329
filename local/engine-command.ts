/** `npm run engine -- status|start|stop`: the DynamoDB engine of the local cloud that runs in this directory. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const USAGE = `npm run engine -- status|start|stop [options]
  start           starts it again after it has ended; its tables are empty then
  stop            ends it at once, as a crash would: what its tables hold is lost
  --outputs FILE  of the local cloud (default .local/outputs.json)`;

const STATES = { status: undefined, start: 'running', stop: 'stopped' } as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      outputs: { type: 'string', default: '.local/outputs.json' },
    },
  });
  if (values.help) return console.log(USAGE);
  const [command = '', ...others] = positionals;
  if (!Object.hasOwn(STATES, command) || others.length > 0) {
    throw new Error(`\`${positionals.join(' ')}\` is not one of its commands\n${USAGE}`);
  }
  const state = STATES[command as keyof typeof STATES];
  console.log(JSON.stringify(await ask(endpointIn(values.outputs), state)));
}

function endpointIn(outputsFile: string): string {
  try {
    return JSON.parse(readFileSync(outputsFile, 'utf8')).local.EngineEndpoint;
  } catch (cause) {
    throw new Error(`${outputsFile} cannot be read: start \`npm run local\` first`, { cause });
  }
}

async function ask(endpoint: string, state: string | undefined): Promise<unknown> {
  const wish = state === undefined ? {} : { method: 'PUT', body: JSON.stringify(state) };
  const response = await fetch(endpoint, wish).catch((cause) => {
    throw new Error(`nothing answers at ${endpoint}: is the local cloud still running?`, { cause });
  });
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Error(`the engine could not be changed: ${(answer as { message?: string }).message}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
