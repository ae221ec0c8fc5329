import type { Figure } from '../figures.ts';
import { noBreaker } from '../policies/per-instance.ts';
import { sharedFlag } from '../policies/shared.ts';
import type { Bound, Scenario } from '../scenario.ts';
import {
  BY_ROW,
  CONSTANT,
  DEFAULT,
  DEFAULT_250,
  IN_A_ROW,
  OTHERS,
  OURS,
  SLOW_500,
} from '../variants.ts';
import { HUGE_FLEET, LARGE_FLEET, outage, SMALL_FLEET, steady } from '../worlds.ts';

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

interface Leaks {
  readonly inARow: number;
  readonly default: number;
  readonly ratePerS: number;
}

/** A view of 250 ms may let through what arrives while it serves, beyond what the default does. */
function leaksAtMost(leaks: Leaks): Bound[] {
  const { inARow, ratePerS } = leaks;
  return [
    { figure: 'leaked', atMost: inARow, of: [...BY_ROW, SLOW_500] },
    { figure: 'leaked', atMost: leaks.default, of: [DEFAULT] },
    { figure: 'leaked', atMost: leaks.default + ratePerS / 4, of: [DEFAULT_250] },
  ];
}

/** Outages of the downstream, and its absence. */
export const OUTAGES: readonly Scenario[] = [
  {
    name: 'hang',
    title: 'The downstream hangs for 60 s: 100 calls/s, 50 instances, call timeout 2 s',
    cases: [{ label: '', world: outage('hang', SMALL_FLEET) }],
    policies: [...OTHERS, ...OURS, SLOW_500, CONSTANT],
    figures: OUTAGE_FIGURES,
    bounds: leaksAtMost({ inARow: 6, default: 16, ratePerS: 100 }),
  },
  {
    name: 'fail-100',
    title: 'The downstream fails fast for 60 s: 100 calls/s, 50 instances',
    cases: [{ label: '', world: outage('fast', SMALL_FLEET) }],
    policies: [...OTHERS, ...OURS, CONSTANT],
    figures: OUTAGE_FIGURES,
    bounds: leaksAtMost({ inARow: 20, default: 20, ratePerS: 100 }),
  },
  {
    name: 'fail-1000',
    title: 'The downstream fails fast for 60 s: 1,000 calls/s, 500 instances',
    cases: [{ label: '', world: outage('fast', LARGE_FLEET) }],
    // Without a breaker it takes as long as all others together.
    policies: [...OTHERS.filter((policy) => policy !== noBreaker), ...OURS],
    figures: OUTAGE_FIGURES,
    bounds: leaksAtMost({ inARow: 70, default: 100, ratePerS: 1_000 }),
  },
  {
    name: 'last-used',
    title:
      'Outages of 60 s where the idle instance used last gets the request, so that few are used',
    cases: [
      { label: 'hang 100/s', world: { ...outage('hang', SMALL_FLEET), choice: 'last used' } },
      { label: 'fail 1000/s', world: { ...outage('fast', LARGE_FLEET), choice: 'last used' } },
    ],
    policies: [...OTHERS, ...OURS],
    figures: ['leaked', 'probes', 'missed'],
    bounds: [],
    seeds: 3,
  },
  {
    name: 'healthy',
    title: 'Healthy for 15 s',
    cases: [
      { label: '100/s', world: steady(SMALL_FLEET, 0, { forMs: 15_000 }) },
      { label: '1000/s', world: steady(LARGE_FLEET, 0, { forMs: 15_000 }) },
    ],
    policies: [...OTHERS, ...OURS],
    figures: ['readsPer1000', 'writesPer1000', 'callerP95Ms'],
    bounds: [{ figure: 'writesPer1000', atMost: 0 }],
  },
  {
    name: 'flaky',
    title: 'Healthy but flaky for 60 s at 100 calls/s (T: 5): requests wrongly refused',
    cases: [0.01, 0.05, 0.1].map((share) => ({
      label: `${share * 100} %`,
      world: steady(SMALL_FLEET, share),
    })),
    policies: [...OTHERS, ...OURS],
    figures: ['refusedPercent'],
    bounds: [{ figure: 'refusedPercent', atMost: 0 }],
  },
  {
    name: 'fail-10000',
    title: 'The downstream fails fast for 10 s: 10,000 calls/s, 10,000 instances',
    cases: [{ label: '', world: outage('fast', HUGE_FLEET, { forMs: 10_000, afterMs: 1_000 }) }],
    policies: [sharedFlag, DEFAULT, IN_A_ROW],
    figures: ['tripMs', 'leaked', 'probes', 'callsInOutage', 'throttled', 'readsPer1000'],
    bounds: [{ figure: 'tripMs', atMost: 100 }],
    seeds: 3,
  },
  {
    name: 'quiet',
    title: 'Outages of 120 s at 20 calls a minute in a whole fleet of 20 instances',
    cases: (['hang', 'fast'] as const).map((failures) => ({
      label: failures,
      world: outage(failures, { ratePerS: 1 / 3, instances: 20 }, { forMs: 120_000, afterMs: 0 }),
    })),
    policies: [...OTHERS, ...OURS],
    figures: ['trippedAfterMs', 'neverOpened', 'callsInOutage'],
    bounds: [{ figure: 'neverOpened', atMost: 0 }],
  },
];
