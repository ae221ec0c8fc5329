/** The options of `npm run local`; the project adds its switches and the usual ports of its APIs. */
import { parseArgs } from 'node:util';
import type { CloudOptions } from './cloud.ts';
import { OWN_PORTS, parsePorts } from './ports.ts';
import type { Project, VariablesByPart } from './project.ts';

export type CommandOptions = Omit<CloudOptions, 'assemblyDir' | 'stateDir'>;

/** Undefined when only the usage is wanted. */
export function parseOptions(project: Project, args?: string[]): CommandOptions | undefined {
  const switchNames = Object.keys(project.switches);
  const { values } = parseArgs({
    ...(args && { args }),
    options: {
      help: { type: 'boolean' },
      'enforce-iam': { type: 'boolean', default: false },
      prewarm: { type: 'string', default: '0' },
      'account-concurrency': { type: 'string', default: '1000' },
      port: { type: 'string', multiple: true, default: [] },
      ...Object.fromEntries(switchNames.map((name) => [name, { type: 'boolean' as const }])),
    },
  });
  if (values.help) return undefined;
  const isOn = new Set(Object.keys(values));
  return {
    variables: variablesOf(
      project,
      switchNames.filter((name) => isOn.has(name)),
    ),
    enforceIam: values['enforce-iam'],
    prewarm: wholeNumber('--prewarm', values.prewarm),
    accountConcurrency: wholeNumber('--account-concurrency', values['account-concurrency']),
    ports: { chosen: parsePorts(values.port), usual: project.ports },
  };
}

export function usage({ switches, ports }: Project): string {
  const names = Object.keys({ ...ports, ...OWN_PORTS });
  return [
    'npm run local -- [options]',
    ...Object.entries(switches).map(([name, { help }]) => line(`--${name}`, help)),
    line('--prewarm N', 'start N environments of every function ahead (default 0)'),
    line('--account-concurrency N', 'invocations at once, all functions together (default 1000)'),
    line('--enforce-iam', 'refuse unsigned requests where the template asks for IAM, as AWS does'),
    line('--port NAME=N', 'another port; may be repeated. NAME is one of'),
    line('', names.join(', ')),
  ].join('\n');
}

const line = (option: string, help: string): string => `  ${option.padEnd(24)}  ${help}`;

/** A switch may change several functions, and several switches may change one. */
function variablesOf({ switches }: Project, names: readonly string[]): VariablesByPart {
  const variables: Record<string, Record<string, string>> = {};
  for (const name of names) {
    for (const [part, changes] of Object.entries(switches[name]?.variables ?? {})) {
      variables[part] = { ...variables[part], ...changes };
    }
  }
  return variables;
}

function wholeNumber(option: string, value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new Error(`${option} ${value}: write a whole number, for example ${option} 10`);
}
