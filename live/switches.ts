/** The page's switches. Each is a command that people can type as well; the page shows it. */

export interface Switch {
  readonly id: string;
  readonly label: string;
  /** As typed after `npm run`. */
  readonly command: string;
  /** The program behind it, from the root of the repository. */
  readonly program: readonly string[];
  readonly args: readonly string[];
}

export interface SwitchGroup {
  readonly title: string;
  readonly switches: readonly Switch[];
}

const FAULT = ['ops/fault.ts'];
const CIRCUIT = ['--conditions=fleet-breaker-source', 'ops/circuit.ts'];
const ENGINE = ['local/engine-command.ts'];
const REASON = ['--reason', 'by hand on the live page'];

export const SWITCH_GROUPS: readonly SwitchGroup[] = [
  {
    title: 'Recommendations',
    switches: [
      fault('healthy', ['off']),
      fault('hanging', ['on', '--hang-ms', '30000', '--percent', '100']),
      fault('half failing', ['on', '--hang-ms', '0', '--percent', '50']),
    ],
  },
  {
    title: 'Circuit',
    switches: [
      circuit('force open', 'force-open'),
      circuit('force closed', 'force-closed'),
      circuit('close', 'close'),
      circuit('release', 'release'),
    ],
  },
  {
    title: 'Table’s engine',
    switches: [engine('running', 'start'), engine('killed', 'stop')],
  },
];

export const SWITCHES: readonly Switch[] = SWITCH_GROUPS.flatMap(({ switches }) => switches);

export const USERS = { least: 10, most: 200, step: 10, initial: 20 };

function fault(label: string, args: readonly string[]): Switch {
  return { id: label, label, command: `fault -- ${args.join(' ')}`, program: FAULT, args };
}

function circuit(label: string, verb: string): Switch {
  const command = `circuit -- ${verb}`;
  return { id: label, label, command, program: CIRCUIT, args: [verb, ...REASON] };
}

function engine(label: string, verb: string): Switch {
  return { id: label, label, command: `engine -- ${verb}`, program: ENGINE, args: [verb] };
}
