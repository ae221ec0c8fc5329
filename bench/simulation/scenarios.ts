import type { Figure, Figures } from './figures.ts';
import * as others from './policies.ts';
import type { Policy } from './policy.ts';
import { sharedBreaker } from './shared-breaker.ts';
import type { World } from './world.ts';

/** One table: policies as rows; as columns the figures, for each case. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly cases: readonly { readonly label: string; readonly world: World }[];
  readonly policies: readonly Policy[];
  readonly figures: readonly Figure[];
  /** What the median of every `isWatched` policy must keep to, in each case. */
  readonly bounds: Partial<Figures>;
}

/** The name of what is no table: fleets under every fault, only watched (faults.ts). */
export const FAULTS = 'faults';

const VIEW_PER_CALL = sharedBreaker('this breaker (default)');
const VIEW_250 = sharedBreaker('this breaker, 250 ms view', { viewTtlMs: 250 });
const SLOW_500 = sharedBreaker('this breaker, 250 ms view, slow 500 ms', {
  viewTtlMs: 250,
  slowCallMs: 500,
});
/**
 * The comparison policies do not lengthen their open period; so that this can be told apart. Twice as
 * many probes are its price.
 */
const CONSTANT: Policy = {
  ...sharedBreaker('this breaker, always 10 s', { maxOpenMs: 10_000 }),
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

const SMALL_FLEET = { ratePerS: 100, instances: 50 };
const LARGE_FLEET = { ratePerS: 1_000, instances: 500 };
const HUGE_FLEET = { ratePerS: 10_000, instances: 10_000 };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'hang',
    title: 'The downstream hangs for 60 s: 100 calls/s, 50 instances, call timeout 2 s',
    cases: [{ label: '', world: outage('hang', SMALL_FLEET) }],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250, SLOW_500, CONSTANT],
    figures: OUTAGE_FIGURES,
    bounds: { leaked: 6 },
  },
  {
    name: 'fail-100',
    title: 'The downstream fails fast for 60 s: 100 calls/s, 50 instances',
    cases: [{ label: '', world: outage('fail', SMALL_FLEET) }],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250, CONSTANT],
    figures: OUTAGE_FIGURES,
    bounds: { leaked: 20 },
  },
  {
    name: 'fail-1000',
    title: 'The downstream fails fast for 60 s: 1,000 calls/s, 500 instances',
    cases: [{ label: '', world: outage('fail', LARGE_FLEET) }],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250, CONSTANT],
    figures: OUTAGE_FIGURES,
    bounds: { leaked: 70 },
  },
  {
    name: 'last-used',
    title:
      'Outages of 60 s where the idle instance used last gets the request, so that few are used',
    cases: [
      { label: 'hang 100/s', world: { ...outage('hang', SMALL_FLEET), choice: 'last used' } },
      { label: 'fail 1000/s', world: { ...outage('fail', LARGE_FLEET), choice: 'last used' } },
    ],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250],
    figures: ['leaked', 'probes', 'missed'],
    bounds: {},
  },
  {
    name: 'store-outage',
    title: 'The downstream hangs for 60 s; 10 s later the store is out as well, until 5 s after it',
    cases: [
      {
        label: '',
        world: {
          ...outage('hang', SMALL_FLEET),
          troubles: [{ fromMs: 20_000, untilMs: 75_000, kind: 'error', share: 1 }],
        },
      },
    ],
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250],
    figures: ['leaked', 'callsInOutage', 'callerP95Ms', 'coldStarts', 'missed'],
    bounds: {},
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
    bounds: { writesPer1000: 0 },
  },
  {
    name: 'flaky',
    title: 'Healthy but flaky for 60 s, threshold 5: requests wrongly refused',
    cases: [SMALL_FLEET, LARGE_FLEET].flatMap((fleet) =>
      [0.01, 0.05, 0.1].map((errorShare) => ({
        label: `${fleet.ratePerS}/s, ${errorShare * 100} %`,
        world: steady(fleet, errorShare),
      })),
    ),
    policies: [...OTHERS, VIEW_PER_CALL, VIEW_250],
    figures: ['refusedPercent'],
    bounds: { refusedPercent: 0 },
  },
  {
    name: 'fail-10000',
    title: 'The downstream fails fast for 10 s: 10,000 calls/s, 10,000 instances',
    cases: [{ label: '', world: outage('fail', HUGE_FLEET, { forMs: 10_000, afterMs: 1_000 }) }],
    policies: [others.sharedFlag, VIEW_PER_CALL, VIEW_250],
    figures: ['tripMs', 'leaked', 'probes', 'callsInOutage', 'throttled', 'readsPer1000'],
    bounds: { tripMs: 100 },
  },
];

type FleetSize = Pick<World, 'ratePerS' | 'instances'>;

/** Ten healthy seconds, the outage, and time to recover. */
function outage(
  kind: 'hang' | 'fail',
  size: FleetSize,
  { forMs, afterMs } = { forMs: 60_000, afterMs: 40_000 },
): World {
  const fromMs = 10_000;
  return {
    ...size,
    choice: 'random',
    untilMs: fromMs + forMs + afterMs,
    phases: [{ fromMs, untilMs: fromMs + forMs, kind }],
    rules: { failureThreshold: 3, openMs: 10_000, callTimeoutMs: 2_000 },
  };
}

/** No outage; each call fails with the probability `errorShare`. */
function steady(size: FleetSize, errorShare: number): World {
  return {
    ...size,
    choice: 'random',
    untilMs: 60_000,
    phases: [{ fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER, kind: 'flaky', errorShare }],
    rules: { failureThreshold: 5, openMs: 10_000, callTimeoutMs: 2_000 },
  };
}
