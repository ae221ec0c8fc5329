import { resolve } from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { refuseOptionsTakenByNpm } from '../ops/command.ts';
import { TARGETS, type Target } from '../ops/targets.ts';
import { DemoError } from './errors.ts';
import { type Profile, SCENARIOS, type Scenario } from './plan.ts';

export interface Options {
  readonly help: boolean;
  readonly profile: Profile;
  readonly scenario: Scenario;
  readonly target: Target;
  /** Of the local cloud, as its command takes them: `gateway-v1=9080`. */
  readonly ports: readonly string[];
  /** The stack's outputs; undefined: where the target's commands keep them. */
  readonly outputs: string | undefined;
  /** Of another stage than demo on AWS, so that nobody's is changed by mistake. */
  readonly stage: string | undefined;
  readonly v1Url: string | undefined;
  readonly v2Url: string | undefined;
}

export const USAGE = `npm run demo -- [options]

  --scenario NAME    what goes wrong (default outage):
${Object.entries(SCENARIOS)
  .map(([name, { summary }]) => `                       ${name.padEnd(9)} ${summary}`)
  .join('\n')}
  --quick            about a minute: fewer users, a shorter outage and a shorter hang
  --target NAME      local (default): starts a local cloud for each variant;
                     localstack, aws: what is deployed there
  --port NAME=N      another port of the local cloud, as for npm run local; may be repeated
  --outputs FILE     the deployed stack's outputs (default as for npm run fault)
  --stage NAME       with --target aws, for another stage than demo: its name
  --v1-url URL, --v2-url URL   the gateways, instead of the outputs
  --help             this text

Loads v1, then v2: healthy, with the fault, and healthy again until everybody is served.
Writes comparison.html, results_v1.html, results_v2.html and comparison_report.json into
a folder of its own below results. results/latest leads to the newest, and its four files
are in results, too. npm run report -- RUN RUN lays two runs side by side.`;

export function parseOptions(args: readonly string[]): Options {
  const { values } = read(args);
  const options: Options = {
    help: values.help,
    profile: values.quick ? 'quick' : 'full',
    scenario: oneOf('scenario', values.scenario, Object.keys(SCENARIOS) as Scenario[]),
    target: oneOf('target', values.target, TARGETS),
    ports: values.port,
    outputs: values.outputs === undefined ? undefined : resolve(values.outputs),
    stage: values.stage,
    v1Url: url(values['v1-url']),
    v2Url: url(values['v2-url']),
  };
  for (const [broken, rule] of combinations(options)) if (broken) throw new DemoError(rule);
  return options;
}

const combinations = ({
  target,
  scenario,
  ports,
  outputs,
  stage,
  v1Url,
  v2Url,
}: Options): [boolean, string][] => [
  [!v1Url !== !v2Url, '--v1-url and --v2-url go together.'],
  [
    target === 'local' && Boolean(v1Url ?? outputs),
    '--outputs, --v1-url and --v2-url go with --target localstack or aws.',
  ],
  [target !== 'aws' && stage !== undefined, '--stage goes with --target aws only.'],
  [target !== 'local' && ports.length > 0, '--port goes with the local cloud only.'],
  [
    target !== 'local' && scenario === 'cascade',
    '--scenario cascade limits the whole account: it goes with the local cloud only.',
  ],
];

function oneOf<T extends string>(option: string, given: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === given);
  if (found) return found;
  throw new DemoError(`--${option} ${given}: write one of ${allowed.join(', ')}.`);
}

/** Artillery puts the path behind it, which begins with a slash. */
function url(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  if (/^https?:\/\//.test(given) && URL.canParse(given)) return given.replace(/\/+$/, '');
  throw new DemoError(`${given} is no URL: write it as https://.../stage.`);
}

const OPTIONS = {
  scenario: { type: 'string', default: 'outage' },
  target: { type: 'string', default: 'local' },
  port: { type: 'string', multiple: true, default: [] },
  outputs: { type: 'string' },
  stage: { type: 'string' },
  'v1-url': { type: 'string' },
  'v2-url': { type: 'string' },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsOptionsConfig;

function read(args: readonly string[]) {
  refuse(() => refuseOptionsTakenByNpm(OPTIONS, args));
  return refuse(() => parseArgs({ args: [...args], options: OPTIONS }), `\n\n${USAGE}`);
}

/** What is wrong with a command line is something that the person at the terminal can put right. */
function refuse<T>(check: () => T, hint = ''): T {
  try {
    return check();
  } catch (error) {
    throw new DemoError(`${error instanceof Error ? error.message : error}${hint}`);
  }
}
