import { parseArgs } from 'node:util';
import { DemoError } from './errors.ts';
import { type Profile, type Scenario, scenarios } from './plan.ts';

export interface Options {
  readonly help: boolean;
  readonly profile: Profile;
  readonly scenario: Scenario;
}

export const usage = `npm run demo -- [options]

  --scenario NAME   what goes wrong (default outage):
${Object.entries(scenarios)
  .map(([name, { summary }]) => `                      ${name.padEnd(9)} ${summary}`)
  .join('\n')}
  --quick           about a minute: fewer users, a shorter load and a shorter hang
  --help            this text

Loads v1, then v2, each in a fresh local cloud, and writes results/comparison.html,
results/results_v1.html, results/results_v2.html and results/comparison_report.json.
What was recorded stays in results/raw.`;

export function parseOptions(args: readonly string[]): Options {
  const { values } = read(args);
  const scenario = values.scenario;
  if (!isScenario(scenario)) {
    throw new DemoError(
      `There is no scenario ${scenario}: write one of ${Object.keys(scenarios).join(', ')}.`,
    );
  }
  return { help: values.help, profile: values.quick ? 'quick' : 'full', scenario };
}

const isScenario = (name: string): name is Scenario => Object.hasOwn(scenarios, name);

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: { type: 'string', default: 'outage' },
        quick: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new DemoError(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  }
}
