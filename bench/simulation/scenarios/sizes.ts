import type { Policy } from '../../../breaker/simulation/policy.ts';
import type { Figure } from '../figures.ts';
import type { Scenario } from '../scenario.ts';
import {
  DEFAULT_4_MIRRORS,
  IN_A_ROW,
  IN_A_ROW_4_MIRRORS,
  IN_A_ROW_18_MIRRORS,
} from '../variants.ts';
import { HUGE_FLEET, LARGE_FLEET, shortOutage, steady, VAST_FLEET } from '../worlds.ts';

const FIGURES: readonly Figure[] = [
  'leaked',
  'tripMs',
  'leakedUntilMs',
  'refusedUntilMs',
  'readsPer1000',
  'writesPer1000',
  'throttled',
];

/** What one item does where copies are needed: shown beside them. */
const ONE_ITEM: Policy = { ...IN_A_ROW, isUnbounded: true };

/** Fleets that one item does not bear (docs/scale.md). */
export const SIZES: readonly Scenario[] = [
  {
    name: 'mirrors-10000',
    title: 'The downstream fails fast for 0.5 s: 10,000 calls/s, 10,000 instances',
    // Until then the item has used up what it had in reserve.
    cases: [{ label: '', world: shortOutage(HUGE_FLEET, 2_000) }],
    policies: [ONE_ITEM, IN_A_ROW_4_MIRRORS, { ...DEFAULT_4_MIRRORS, isUnbounded: true }],
    figures: FIGURES,
    bounds: [
      { figure: 'leaked', atMost: 400 },
      { figure: 'leakedUntilMs', atMost: 50 },
      { figure: 'throttled', atMost: 0 },
    ],
  },
  {
    name: 'mirrors-100000',
    title: 'The downstream fails fast for 0.5 s: 100,000 calls/s, 100,000 instances',
    cases: [{ label: '', world: shortOutage(VAST_FLEET, 300) }],
    policies: [ONE_ITEM, IN_A_ROW_18_MIRRORS],
    figures: FIGURES,
    bounds: [
      { figure: 'leaked', atMost: 3_000 },
      { figure: 'leakedUntilMs', atMost: 50 },
      { figure: 'throttled', atMost: 0 },
    ],
    seeds: 5,
  },
  {
    name: 'mirrors-background',
    title: 'Background errors for 15 s that should trip nothing, with copies: 1,000 calls/s',
    cases: [
      { label: '30 % fast', world: steady(LARGE_FLEET, 0.3, { failures: 'fast', forMs: 15_000 }) },
      { label: '20 % hang', world: steady(LARGE_FLEET, 0.2, { failures: 'hang', forMs: 15_000 }) },
      {
        label: '20 %, answers of 1.5 s',
        world: {
          ...steady({ ratePerS: 1_000, instances: 3_000 }, 0.2, { forMs: 15_000 }),
          answers: { medianMs: 1_500, spread: 'narrow' },
          rules: { failureThreshold: 10, openMs: 10_000, callTimeoutMs: 6_000 },
        },
      },
    ],
    policies: [DEFAULT_4_MIRRORS],
    figures: ['refusedPercent', 'trips', 'writesPerS', 'peakWritesPerS', 'throttled'],
    bounds: [
      { figure: 'refusedPercent', atMost: 1 },
      { figure: 'peakWritesPerS', atMost: 500 },
    ],
    seeds: 3,
  },
];
