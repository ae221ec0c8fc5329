import type { Figure } from '../figures.ts';
import { sharedFlag } from '../policies/shared.ts';
import type { Scenario } from '../scenario.ts';
import { CONSTANT, OTHERS, SLOW_500, VIEW_250, VIEW_PER_CALL } from '../variants.ts';
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

/** Outages of the downstream, and its absence. */
export const OUTAGES: readonly Scenario[] = [
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
    policies: [sharedFlag, VIEW_PER_CALL, VIEW_250],
    figures: ['tripMs', 'leaked', 'probes', 'callsInOutage', 'throttled', 'readsPer1000'],
    bounds: [{ figure: 'tripMs', atMost: 100 }],
  },
];
