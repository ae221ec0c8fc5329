import type { Phase } from '../../../breaker/simulation/downstream.ts';
import type { World } from '../../../breaker/simulation/world.ts';
import { noBreaker, statePerInstance } from '../policies/per-instance.ts';
import { sharedFlag } from '../policies/shared.ts';
import type { Case, Scenario } from '../scenario.ts';
import { STORES, type StoreName } from '../stores.ts';
import { BY_ROW, DEFAULT, OTHERS, OURS } from '../variants.ts';
import { outage, RULES, SMALL_FLEET, steady, THRESHOLD } from '../worlds.ts';

const IDLE_FLEET = { ratePerS: 0.5, instances: 20 };
const LATE_MS = [70, 120, 400];
const LATE_SHARES = [0.2, 0.5, 0.8, 1];

const ON_ANY_STORE: Readonly<Record<string, World>> = {
  hang: outage('hang', SMALL_FLEET),
  fast: outage('fast', SMALL_FLEET),
  healthy: steady(SMALL_FLEET, 0),
  '5 % errors': steady(SMALL_FLEET, 0.05),
};

/** Stores that are out, slow to reach, or throttle. */
export const STORE_SCENARIOS: readonly Scenario[] = [
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
    policies: [...OTHERS, ...OURS],
    figures: ['leaked', 'callsInOutage', 'callerP95Ms', 'coldStarts', 'missed'],
    bounds: [],
    seeds: 3,
  },
  {
    name: 'idle',
    title:
      'Little traffic: 30 calls a minute, 20 instances; outages of 60 s in which the downstream ' +
      'hangs; a share of the reconnects after 10 s of idleness is late',
    cases: (['random', 'in turn'] as const).flatMap(idleCases),
    policies: [noBreaker, statePerInstance, sharedFlag, DEFAULT, ...BY_ROW],
    figures: ['waitedPercent', 'neverOpened'],
    bounds: [
      { figure: 'waitedPercent', atMost: 1.1, isRelative: true },
      { figure: 'neverOpened', atMost: 0 },
    ],
    seeds: 5,
  },
  {
    name: 'throttled',
    title: 'The store throttles for 30 s, in which the downstream is out: 20 calls/s, 10 instances',
    cases: (['hang', 'fast'] as const).flatMap((failures) => [
      { label: `${failures}, all`, world: throttled(failures) },
      { label: `${failures}, writes`, world: throttled(failures, 'write') },
    ]),
    policies: [noBreaker, statePerInstance, DEFAULT, ...BY_ROW],
    figures: ['mostOfOne', 'callsInOutage', 'missed'],
    bounds: [{ figure: 'mostOfOne', atMost: THRESHOLD + 3, of: BY_ROW }],
  },
  {
    name: 'stores',
    title: 'Other stores: 100 calls/s, 50 instances, outages of 60 s, and 5 % errors (threshold 5)',
    cases: (Object.keys(STORES) as StoreName[]).flatMap((name) =>
      Object.entries(ON_ANY_STORE).map(([label, world]) => ({
        label: `${name}: ${label}`,
        world: { ...world, store: STORES[name] },
      })),
    ),
    policies: OURS,
    figures: ['leaked', 'refusedPercent', 'callerP95Ms', 'writesPer1000'],
    bounds: [
      { figure: 'leaked', atMost: 6, where: 'tail: hang', of: BY_ROW },
      { figure: 'leaked', atMost: 20, where: 'tail: fast', of: BY_ROW },
      { figure: 'leaked', atMost: 50, where: 'reconnects: hang', of: BY_ROW },
      { figure: 'leaked', atMost: 50, where: 'reconnects: fast', of: BY_ROW },
      { figure: 'writesPer1000', atMost: 0, where: 'healthy' },
      { figure: 'refusedPercent', atMost: 0, where: 'healthy' },
      { figure: 'refusedPercent', atMost: 0, where: 'tail: 5 %' },
      { figure: 'refusedPercent', atMost: 0, where: 'reconnects: 5 %' },
    ],
    seeds: 3,
  },
];

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
