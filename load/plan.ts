/** What one run of the demo does: who asks how often, when recommendations fail and how. Both variants get the same. */
import type { Target } from '../ops/targets.ts';

export type Fault = 'none' | 'hang' | 'brownout';
export type Scenario = 'outage' | 'brownout' | 'cascade';
export type Profile = 'full' | 'quick';

/** Every run tells the same story: healthy, with the fault, and healthy again until everybody is served. */
export const PHASE_KEYS = ['before', 'fault', 'after'] as const;
export type PhaseKey = (typeof PHASE_KEYS)[number];

/** The fault is switched where a phase begins; a phase ends where the next one begins. */
export interface Phase {
  readonly name: string;
  readonly fault: Fault;
  readonly fromSeconds: number;
}

export interface Plan {
  readonly profile: Profile;
  readonly scenario: Scenario;
  readonly users: number;
  readonly usersPerSecond: number;
  readonly seed: number;
  readonly phases: Readonly<Record<PhaseKey, Phase>>;
  /** The load goes on for so long once everybody is served again, so that this can be seen. */
  readonly afterwardsSeconds: number;
  /** No user asks after this, served again or not. */
  readonly loadSeconds: number;
  /** How long recommendations hang before they answer 408. */
  readonly hangMs: number;
  /** Executions at once in the whole account. */
  readonly accountConcurrency: number;
  /** Execution environments of every function that are started ahead. */
  readonly prewarm: number;
}

const SIZES = {
  full: {
    users: 100,
    usersPerSecond: 10,
    healthySeconds: 10,
    faultSeconds: 120,
    afterwardsSeconds: 4,
    hangMs: 30_000,
    prewarm: 20,
  },
  quick: {
    users: 40,
    usersPerSecond: 10,
    healthySeconds: 4,
    faultSeconds: 10,
    afterwardsSeconds: 2,
    hangMs: 5_000,
    prewarm: 10,
  },
} as const;

/** v1's users need the rest of a hang, v2's an open period, a probe and the wait between two requests. */
const SERVED_AGAIN_WITHIN_SECONDS = 60;

/** On an emulator every call under way is a process or a container: more users would measure the emulator. */
const EMULATOR_USERS = 10;

/** In a brownout this many of a hundred calls fail at once. */
export const BROWNOUT_PERCENT = 50;

interface ScenarioSpec {
  /** What happens, for the usage and the report. */
  readonly summary: string;
  /** How the verdict begins. */
  readonly circumstances: string;
  readonly fault: Fault;
  /** What the phase with the fault is called. */
  readonly faultName: string;
  /** Executions at once per user; without it, AWS's limit of a new account. */
  readonly concurrencyPerUser?: number;
}

export const SCENARIOS: Readonly<Record<Scenario, ScenarioSpec>> = {
  outage: {
    summary: 'recommendations are healthy, hang, and are healthy again',
    circumstances: 'With recommendations hanging',
    fault: 'hang',
    faultName: 'hanging',
  },
  brownout: {
    summary: `${BROWNOUT_PERCENT} % of the calls to recommendations fail at once for a while`,
    circumstances: `With ${BROWNOUT_PERCENT} % of the calls to recommendations failing`,
    fault: 'brownout',
    faultName: `${BROWNOUT_PERCENT} % failing`,
  },
  cascade: {
    summary: 'as outage, and the account may run only as many functions at once as there are users',
    circumstances: 'With recommendations hanging and one concurrent execution per user',
    fault: 'hang',
    faultName: 'hanging',
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
  const { healthySeconds, faultSeconds, ...size } = SIZES[profile];
  const { fault, faultName, concurrencyPerUser } = SCENARIOS[scenario];
  const users = target === 'localstack' ? EMULATOR_USERS : size.users;
  const faultEndsSeconds = healthySeconds + faultSeconds;
  return {
    profile,
    scenario,
    seed: 1,
    ...size,
    users,
    loadSeconds: faultEndsSeconds + SERVED_AGAIN_WITHIN_SECONDS,
    accountConcurrency: concurrencyPerUser ? users * concurrencyPerUser : NEW_ACCOUNT_CONCURRENCY,
    phases: {
      before: { name: 'healthy', fault: 'none', fromSeconds: 0 },
      fault: { name: faultName, fault, fromSeconds: healthySeconds },
      after: { name: 'healthy again', fault: 'none', fromSeconds: faultEndsSeconds },
    },
  };
}
