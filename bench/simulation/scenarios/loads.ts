import {
  clientThrottling,
  noBreaker,
  ratePerInstance,
  statePerInstance,
} from '../policies/per-instance.ts';
import { sharedFlag } from '../policies/shared.ts';
import type { Scenario } from '../scenario.ts';
import { BY_ROW, BY_SHARE, DEFAULT, DEFAULT_250, OURS, RAMP, RAMP_IN_A_ROW } from '../variants.ts';
import { outage, RULES, steady } from '../worlds.ts';

/** 50 calls at once in an instance: a container, or a Lambda Managed Instance. */
const BUSY_FLEET = { ratePerS: 1_000, instances: 20, callsAtOnce: 50 };
const SHORT = { forMs: 10_000, afterMs: 5_000 };

const POLICIES = [noBreaker, statePerInstance, ratePerInstance, clientThrottling, sharedFlag];

/** Other loads: on an instance, and on a downstream that bears only so much. */
export const LOADS: readonly Scenario[] = [
  {
    name: 'at-once',
    title:
      '50 calls at once per instance: 1,000 calls/s, 20 instances, outages of 10 s (T: 3; 5 for errors)',
    cases: [
      { label: 'outage, hang', world: outage('hang', BUSY_FLEET, SHORT) },
      { label: 'outage, fast', world: outage('fast', BUSY_FLEET, SHORT) },
      { label: 'healthy', world: steady(BUSY_FLEET, 0, { forMs: 10_000 }) },
      ...[0.05, 0.1].flatMap((share) =>
        (['fast', 'usual', 'hang'] as const).map((failures) => ({
          label: `${Math.round(100 * share)} % ${failures}`,
          world: steady(BUSY_FLEET, share, { failures, forMs: 6_000 }),
        })),
      ),
    ],
    policies: [ratePerInstance, ...OURS],
    figures: ['leaked', 'refusedPercent', 'trips', 'readsPer1000', 'writesPer1000', 'throttled'],
    bounds: [
      { figure: 'leaked', atMost: 70, where: 'outage, fast', of: BY_ROW },
      // What arrives while views of 250 ms serve, on average for half of that.
      { figure: 'leaked', atMost: 125, where: 'outage, hang', of: BY_ROW },
      { figure: 'leaked', atMost: 100, where: 'outage, fast', of: [DEFAULT] },
      { figure: 'leaked', atMost: 350, where: 'outage, fast', of: [DEFAULT_250] },
      { figure: 'writesPer1000', atMost: 0, where: 'healthy' },
      { figure: 'refusedPercent', atMost: 0, where: '%', of: BY_SHARE },
      { figure: 'trips', atMost: 1, where: '%', of: BY_ROW },
    ],
  },
  {
    name: 'limited',
    title: 'For 60 s a downstream gets 300 calls/s and bears 200: at best a third is not served',
    cases: [
      {
        label: '',
        world: {
          ratePerS: 300,
          instances: 100,
          choice: 'random',
          untilMs: 60_000,
          phases: [],
          limit: { callsAtOnce: 10 },
          rules: RULES,
        },
      },
    ],
    policies: [...POLICIES, ...OURS],
    figures: ['unservedPercent', 'refusedPercent', 'callerP95Ms', 'trips'],
    bounds: [],
    seeds: 5,
  },
  {
    name: 'fragile',
    title:
      'A downstream that is cold after an outage of 10 s, bears a tenth of its 150 calls/s then, is ' +
      'warm after 20 s, and falls over when it gets more: 100 calls/s for 90 s',
    cases: [
      {
        label: '',
        world: {
          ...outage('fast', { ratePerS: 100, instances: 50 }, { forMs: 10_000, afterMs: 90_000 }),
          fragility: { ratePerS: 150, coldShare: 0.1, warmUpMs: 20_000, failsForMs: 5_000 },
        },
      },
    ],
    policies: [...POLICIES, ...OURS, RAMP, RAMP_IN_A_ROW],
    figures: ['missedPercent', 'refusedPercent', 'trips'],
    bounds: [{ figure: 'missedPercent', atMost: 45, of: [RAMP, RAMP_IN_A_ROW] }],
  },
];
