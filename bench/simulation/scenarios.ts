import type { Phase } from '../../breaker/simulation/downstream.ts';
import { type Policy, thisBreaker } from '../../breaker/simulation/policy.ts';
import type { World } from '../../breaker/simulation/world.ts';
import type { Figure } from './figures.ts';
import * as others from './policies.ts';

/** One table: policies as rows; as columns the figures, for each case. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly Case[];
  readonly policies: readonly Policy[];
  readonly figures: readonly Figure[];
  /** What the median of every `isWatched` policy must keep to, in each case. */
  readonly bounds: readonly Bound[];
}

export interface Case {
  readonly label: string;
  readonly world: World;
  /** The label of the case that this one is compared with. */
  readonly baseline?: string;
}

export interface Bound {
  readonly figure: Figure;
  readonly atMost: number;
  /** `atMost` is a multiple of the figure in the case's baseline; cases without one are free. */
  readonly isRelative?: true;
}

/** The name of what is no table: fleets under every fault, only watched (random-faults.ts). */
export const FAULTS = 'faults';

const VIEW_PER_CALL = thisBreaker('this breaker (default)');
const VIEW_250 = thisBreaker('this breaker, 250 ms view', { viewTtlMs: 250 });
const SLOW_500 = thisBreaker('this breaker, 250 ms view, slow 500 ms', {
  viewTtlMs: 250,
  slowCallMs: 500,
});
/**
 * The comparison policies do not lengthen their open period; so that this can be told apart. Twice as
 * many probes are its price.
 */
const CONSTANT: Policy = {
  ...thisBreaker('this breaker, always 10 s', { maxOpenMs: 10_000 }),
  isUnbounded: true,
};

const OTHERS: readonly Policy[] = [
  others.noBreaker,
  others.statePerInstance,
  others.sharedFlag,
  others.readModifyWrite,
  others.absoluteCounter,
];

const OUTAGE_FIGURES: readonly Figure[] = [
  'leaked',
  'probes',
  'callsInOutage',
  'tripMs',
  'callerP95Ms',
  'coldStarts',
  'missed',
  'readsPer1000',
  'writesPer1000',
];

const THRESHOLD = 3;
const RULES = { failureThreshold: THRESHOLD, openMs: 10_000, callTimeoutMs: 2_000 };

const SMALL_FLEET = { ratePerS: 100, instances: 50 };
const LARGE_FLEET = { ratePerS: 1_000, instances: 500 };
const HUGE_FLEET = { ratePerS: 10_000, instances: 10_000 };

const IDLE_FLEET = { ratePerS: 0.5, instances: 20 };
const LATE_MS = [70, 120, 400];
const LATE_SHARES = [0.2, 0.5, 0.8, 1];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'hang',
    title: 'The downstream hangs for 60 s: 100 calls/s, 50 instances, call timeout 2 s',
    cases: [{ label: '', world: outage('hang', SMALL_FLEET) }],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250, SLOW_500, CONSTANT],
    figures: OUTAGE_FIGURES,
    bounds: [{ figure: 'leaked', atMost: 6 }],
  },
  {
    name: 'fail-100',
    title: 'The downstream fails fast for 60 s: 100 calls/s, 50 instances',
    cases: [{ label: '', world: outage('fast', SMALL_FLEET) }],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250, CONSTANT],
    figures: OUTAGE_FIGURES,
    bounds: [{ figure: 'leaked', atMost: 20 }],
  },
  {
    name: 'fail-1000',
    title: 'The downstream fails fast for 60 s: 1,000 calls/s, 500 instances',
    cases: [{ label: '', world: outage('fast', LARGE_FLEET) }],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250, CONSTANT],
    figures: OUTAGE_FIGURES,
    bounds: [{ figure: 'leaked', atMost: 70 }],
  },
  {
    name: 'last-used',
    title:
      'Outages of 60 s where the idle instance used last gets the request, so that few are used',
    cases: [
      { label: 'hang 100/s', world: { ...outage('hang', SMALL_FLEET), choice: 'last used' } },
      { label: 'fail 1000/s', world: { ...outage('fast', LARGE_FLEET), choice: 'last used' } },
    ],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250],
    figures: ['leaked', 'probes', 'missed'],
    bounds: [],
  },
  {
    name: 'store-outage',
    title: 'The downstream hangs for 60 s; 10 s later the store is out as well, until 5 s after it',
    cases: [
      {
        label: '',
        world: {
          ...outage('hang', SMALL_FLEET),
          store: { faults: [{ fromMs: 20_000, untilMs: 75_000, fault: 'down', share: 1 }] },
        },
      },
    ],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250],
    figures: ['leaked', 'callsInOutage', 'callerP95Ms', 'coldStarts', 'missed'],
    bounds: [],
  },
  {
    name: 'idle',
    title:
      'Little traffic: 30 calls a minute, 20 instances; outages of 60 s in which the downstream ' +
      'hangs; a share of the reconnects after 10 s of idleness is late',
    cases: (['random', 'in turn'] as const).flatMap(idleCases),
    policies: [
      others.noBreaker,
      others.statePerInstance,
      others.sharedFlag,
      VIEW_PER_CALL,
      VIEW_250,
    ],
    figures: ['waitedPercent', 'neverOpened'],
    bounds: [
      { figure: 'waitedPercent', atMost: 1.1, isRelative: true },
      { figure: 'neverOpened', atMost: 0 },
    ],
  },
  {
    name: 'throttled',
    title: 'The store throttles for 30 s, in which the downstream is out: 20 calls/s, 10 instances',
    cases: (['hang', 'fast'] as const).flatMap((failures) => [
      { label: `${failures}, all`, world: throttled(failures) },
      { label: `${failures}, writes`, world: throttled(failures, 'write') },
    ]),
    policies: [others.noBreaker, others.statePerInstance, VIEW_PER_CALL, VIEW_250],
    figures: ['mostOfOne', 'callsInOutage', 'missed'],
    bounds: [{ figure: 'mostOfOne', atMost: THRESHOLD + 3 }],
  },
  {
    name: 'healthy',
    title: 'Healthy for 60 s',
    cases: [
      { label: '100/s', world: steady(SMALL_FLEET, 0) },
      { label: '1000/s', world: steady(LARGE_FLEET, 0) },
    ],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250],
    figures: ['readsPer1000', 'writesPer1000', 'callerP95Ms'],
    bounds: [{ figure: 'writesPer1000', atMost: 0 }],
  },
  {
    name: 'flaky',
    title: 'Healthy but flaky for 60 s, threshold 5: requests wrongly refused',
    cases: [SMALL_FLEET, LARGE_FLEET].flatMap((fleet) =>
      [0.01, 0.05, 0.1].map((share) => ({
        label: `${fleet.ratePerS}/s, ${share * 100} %`,
        world: steady(fleet, share),
      })),
    ),
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250],
    figures: ['refusedPercent'],
    bounds: [{ figure: 'refusedPercent', atMost: 0 }],
  },
  {
    name: 'fail-10000',
    title: 'The downstream fails fast for 10 s: 10,000 calls/s, 10,000 instances',
    cases: [{ label: '', world: outage('fast', HUGE_FLEET, { forMs: 10_000, afterMs: 1_000 }) }],
    policies: [others.sharedFlag, VIEW_PER_CALL, VIEW_250],
    figures: ['tripMs', 'leaked', 'probes', 'callsInOutage', 'throttled', 'readsPer1000'],
    bounds: [{ figure: 'tripMs', atMost: 100 }],
  },
];

type FleetSize = Pick<World, 'ratePerS' | 'instances'>;

/** Ten healthy seconds, the outage, and time to recover. */
function outage(
  failures: Phase['failures'],
  size: FleetSize,
  { forMs, afterMs } = { forMs: 60_000, afterMs: 40_000 },
): World {
  const fromMs = 10_000;
  return {
    ...size,
    choice: 'random',
    untilMs: fromMs + forMs + afterMs,
    phases: [{ fromMs, untilMs: fromMs + forMs, failures }],
    rules: RULES,
  };
}

/** Ninety minutes with an outage in every third, at each share of late reconnects and lateness. */
function idleCases(choice: World['choice']): Case[] {
  const everyMs = 180_000;
  const phases = Array.from({ length: 30 }, (_, i) => {
    const fromMs = i * everyMs + 60_000;
    return { fromMs, untilMs: fromMs + 60_000, failures: 'hang' } as const;
  });
  const world: World = { ...IDLE_FLEET, choice, untilMs: 30 * everyMs, phases, rules: RULES };
  const baseline = `${choice}, none late`;
  const late = LATE_MS.flatMap((takesMs) =>
    LATE_SHARES.map((share) => ({
      label: `${choice}, ${share * 100} % late by ${takesMs} ms`,
      world: { ...world, store: { reconnect: { afterIdleMs: 10_000, share, takesMs } } },
      baseline,
    })),
  );
  return [{ label: baseline, world }, ...late];
}

/** An outage of 30 s, and the store throttles meanwhile. */
function throttled(failures: Phase['failures'], only?: 'write'): World {
  const size = { ratePerS: 20, instances: 10 };
  const world = outage(failures, size, { forMs: 30_000, afterMs: 40_000 });
  const fault = { fromMs: 10_000, untilMs: 40_000, fault: 'throttled', share: 1 } as const;
  return { ...world, store: { faults: [only ? { ...fault, only } : fault] } };
}

/** No outage; each call fails with the probability `share`. */
function steady(size: FleetSize, share: number): World {
  return {
    ...size,
    choice: 'random',
    untilMs: 60_000,
    phases: [{ fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, failures: 'usual', share }],
    rules: { failureThreshold: 5, openMs: 10_000, callTimeoutMs: 2_000 },
  };
}
