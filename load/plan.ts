/** What one run of the demo does: who asks how often, when recommendations fail and how. Both variants get the same. */
import type { Target } from '../ops/targets.ts';

export type Fault = 'none' | 'hang' | 'brownout';
export type Scenario = 'outage' | 'recovery' | 'brownout' | 'cascade';
export type Profile = 'full' | 'quick';

/** A stretch of the load with a name; the fault is switched where a phase begins. */
export interface Phase {
  readonly name: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly fault: Fault;
}

export interface Plan {
  readonly profile: Profile;
  readonly scenario: Scenario;
  readonly users: number;
  readonly usersPerSecond: number;
  readonly loadSeconds: number;
  readonly seed: number;
  /** How long recommendations hang before they answer 408. */
  readonly hangMs: number;
  /** Executions at once in the whole account. */
  readonly accountConcurrency: number;
  /** Execution environments of every function that are started ahead. */
  readonly prewarm: number;
  readonly phases: readonly Phase[];
}

const SIZES = {
  full: { users: 100, usersPerSecond: 10, loadSeconds: 120, hangMs: 30_000, prewarm: 20 },
  quick: { users: 50, usersPerSecond: 10, loadSeconds: 12, hangMs: 5_000, prewarm: 10 },
} as const;

/** On an emulator, where every call under way is a process or a container: with more users it is what would be measured. */
const EMULATOR_USERS = 10;

/** Of the calls in a brownout, this many in a hundred fail at once. */
export const BROWNOUT_PERCENT = 50;

interface ScenarioSpec {
  /** What happens, for the usage and the report. */
  readonly summary: string;
  /** How the verdict begins. */
  readonly circumstances: string;
  /** With the share of the load at which each phase begins. */
  readonly phases: readonly {
    readonly name: string;
    readonly from: number;
    readonly fault: Fault;
  }[];
  /** Executions at once per user; without it, AWS's limit of a new account. */
  readonly concurrencyPerUser?: number;
}

const HANGING = { name: 'recommendations hang', from: 0, fault: 'hang' } as const;

export const SCENARIOS: Readonly<Record<Scenario, ScenarioSpec>> = {
  outage: {
    summary: 'recommendations hang throughout',
    circumstances: 'With recommendations hanging',
    phases: [HANGING],
  },
  recovery: {
    summary: 'recommendations are well, hang, and are well again',
    circumstances: 'Through an outage of recommendations and its end',
    phases: [
      { name: 'well', from: 0, fault: 'none' },
      { ...HANGING, from: 0.2 },
      { name: 'well again', from: 0.5, fault: 'none' },
    ],
  },
  brownout: {
    summary: `${BROWNOUT_PERCENT} % of the calls to recommendations fail at once`,
    circumstances: `With ${BROWNOUT_PERCENT} % of the calls to recommendations failing for a while`,
    phases: [
      { name: 'well', from: 0, fault: 'none' },
      { name: `${BROWNOUT_PERCENT} % fail`, from: 0.2, fault: 'brownout' },
      { name: 'well again', from: 0.8, fault: 'none' },
    ],
  },
  cascade: {
    summary: 'as outage, and the account may run only as many functions at once as there are users',
    circumstances: 'With recommendations hanging and one concurrent execution per user',
    phases: [HANGING],
    concurrencyPerUser: 1,
  },
};

const NEW_ACCOUNT_CONCURRENCY = 1000;

interface Choice {
  readonly scenario: Scenario;
  readonly profile: Profile;
  readonly target: Target;
}

export function planFor({ scenario, profile, target }: Choice): Plan {
  const size = { ...SIZES[profile], ...(target === 'localstack' && { users: EMULATOR_USERS }) };
  const { phases, concurrencyPerUser } = SCENARIOS[scenario];
  const begins = phases.map(({ from }) => from * size.loadSeconds);
  return {
    profile,
    scenario,
    seed: 1,
    ...size,
    accountConcurrency: concurrencyPerUser
      ? size.users * concurrencyPerUser
      : NEW_ACCOUNT_CONCURRENCY,
    phases: phases.map(({ name, fault }, index) => ({
      name,
      fault,
      fromSeconds: begins[index] ?? 0,
      toSeconds: begins[index + 1] ?? size.loadSeconds,
    })),
  };
}
