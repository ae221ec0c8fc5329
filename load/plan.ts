/** What one run of the demo does: who asks how often, when recommendations fail and how. Both variants get the same. */

export type Fault = 'none' | 'hang';

/** A stretch of the load with a name; the fault is switched where a phase begins. */
export interface Phase {
  readonly name: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly fault: Fault;
}

export interface Plan {
  readonly profile: 'full' | 'quick';
  readonly scenario: 'outage';
  readonly users: number;
  readonly usersPerSecond: number;
  readonly loadSeconds: number;
  readonly seed: number;
  /** How long recommendations hang before they answer 408. */
  readonly hangMs: number;
  /** Execution environments of every function that are started ahead. */
  readonly prewarm: number;
  readonly phases: readonly Phase[];
}

const sizes = {
  full: { users: 100, usersPerSecond: 10, loadSeconds: 120, hangMs: 30_000, prewarm: 20 },
  quick: { users: 50, usersPerSecond: 10, loadSeconds: 15, hangMs: 5_000, prewarm: 10 },
} as const;

export function planFor({ quick }: { quick: boolean }): Plan {
  const profile = quick ? 'quick' : 'full';
  const size = sizes[profile];
  return {
    profile,
    scenario: 'outage',
    seed: 1,
    ...size,
    phases: [
      {
        name: 'recommendations hang',
        fromSeconds: 0,
        toSeconds: size.loadSeconds,
        fault: 'hang',
      },
    ],
  };
}
