import type { Answers, Phase } from '../../../breaker/simulation/downstream.ts';
import type { World } from '../../../breaker/simulation/world.ts';
import { clientThrottling, ratePerInstance, statePerInstance } from '../policies/per-instance.ts';
import { sharedFlag } from '../policies/shared.ts';
import type { Case, Scenario } from '../scenario.ts';
import { BY_SHARE, DEFAULT, DEFAULT_250, IN_A_ROW, IN_A_ROW_250, OURS } from '../variants.ts';
import { steady } from '../worlds.ts';

const RATES_PER_S = [100, 1_000];
const FAILURES = ['fast', 'usual', 'hang'] as const;
const ANSWERS: Readonly<Record<string, Answers>> = {
  '5 ms': { medianMs: 5, spread: 'narrow' },
  '50 ms': { medianMs: 50, spread: 'narrow' },
  '1.5 s': { medianMs: 1_500, spread: 'narrow' },
  'long tail': { medianMs: 50, spread: 'long tail' },
};
const USUAL = ANSWERS['50 ms'] as Answers;
/** Short, so that a second trip within the time of the table shows. */
const OPEN_MS = 2_000;
const HEALTHY_MS = 2_000;

const FLOODS = [
  { share: 0.01, failures: 'fast' },
  { share: 0.05, failures: 'fast' },
  { share: 0.1, failures: 'fast' },
  { share: 0.1, failures: 'hang' },
] as const;
const ONSETS = [
  { share: 0.3, failures: 'fast' },
  { share: 0.3, failures: 'hang' },
  { share: 0.6, failures: 'fast' },
  { share: 0.6, failures: 'usual' },
  { share: 0.6, failures: 'hang' },
  { share: 1, failures: 'fast' },
  { share: 1, failures: 'hang' },
] as const;

const OTHERS = [statePerInstance, ratePerInstance, clientThrottling, sharedFlag];

/** Shares of the calls that fail, failures and successes of any duration. */
export const SHARES: readonly Scenario[] = [
  {
    name: 'background',
    title:
      'A new fleet and background errors that should trip nothing (T: 5): for 6 s, or 3 s where there ' +
      'are 1,000 calls/s of up to 50 ms',
    cases: [0.01, 0.05, 0.1].flatMap((share) =>
      Object.entries(ANSWERS).flatMap(([name, answers]) =>
        FAILURES.flatMap((failures) =>
          RATES_PER_S.map((ratePerS) => ({
            label: label({ share, failures, ratePerS }, `answers ${name}, `),
            world: worldOf({
              share,
              failures,
              ratePerS,
              answers,
              forMs: backgroundMs(ratePerS, answers),
            }),
          })),
        ),
      ),
    ),
    policies: [DEFAULT, DEFAULT_250, IN_A_ROW_250],
    figures: ['refusedPercent', 'trips'],
    bounds: [
      { figure: 'refusedPercent', atMost: 0, of: BY_SHARE },
      { figure: 'trips', atMost: 1, of: [IN_A_ROW_250] },
    ],
  },
  {
    name: 'background-long',
    title: 'Background errors for 20 s, 1,000 calls/s (T: 5): what comes after the onset',
    cases: [0.05, 0.1].flatMap((share) =>
      (['fast', 'hang'] as const).map((failures) => ({
        label: label({ share, failures, ratePerS: 1_000 }),
        world: worldOf({ share, failures, ratePerS: 1_000, answers: USUAL, forMs: 20_000 }),
      })),
    ),
    policies: [ratePerInstance, DEFAULT, IN_A_ROW],
    figures: ['refusedPercent', 'trips'],
    bounds: [
      { figure: 'refusedPercent', atMost: 0, of: [DEFAULT] },
      { figure: 'trips', atMost: 1, of: [IN_A_ROW] },
    ],
  },
  {
    name: 'flood',
    title: 'Background errors for 2 or 3 s: 10,000 calls/s, 1,500 instances, 250 ms views (T: 5)',
    cases: FLOODS.map(({ share, failures }) => ({
      label: label({ share, failures, ratePerS: 10_000 }),
      world: {
        ...worldOf({
          share,
          failures,
          ratePerS: 10_000,
          answers: USUAL,
          forMs: failures === 'hang' ? 3_000 : 2_000,
        }),
        instances: 1_500,
      },
    })),
    policies: [DEFAULT_250, IN_A_ROW_250],
    figures: ['writesPerS', 'peakWritesPerS', 'throttled', 'refusedPercent'],
    bounds: [
      { figure: 'writesPerS', atMost: 300 },
      { figure: 'peakWritesPerS', atMost: 500 },
      { figure: 'throttled', atMost: 0 },
      { figure: 'refusedPercent', atMost: 0, of: [DEFAULT_250] },
    ],
  },
  {
    name: 'shares',
    title: 'After 2 healthy seconds a larger share of the calls fails for 7 s (T: 5)',
    cases: ONSETS.flatMap(({ share, failures }) =>
      RATES_PER_S.map((ratePerS) => onset({ share, failures, ratePerS })),
    ),
    policies: [...OTHERS, ...OURS],
    figures: ['refusedPercent', 'trippedAfterMs'],
    bounds: [
      { figure: 'refusedPercent', atMost: 1, where: '30 % fast', of: BY_SHARE },
      { figure: 'trippedAfterMs', atMost: 1_000, where: '60 % fast' },
      { figure: 'trippedAfterMs', atMost: 1_000, where: '60 % usual', of: BY_SHARE },
      // At 1,000/s kept views take longer: it needs T failures in a row that all know of the streak.
      {
        figure: 'trippedAfterMs',
        atMost: 1_000,
        where: '60 % usual, 100/s',
        of: [IN_A_ROW, IN_A_ROW_250],
      },
      { figure: 'trippedAfterMs', atMost: 1_000, where: '100 % fast' },
      { figure: 'trippedAfterMs', atMost: 2_500, where: '100 % hang' },
    ],
  },
];

/** As many calls as tell, and longer than a call that hangs, or that takes 1.5 s. */
function backgroundMs(ratePerS: number, { medianMs }: Answers): number {
  return ratePerS === 1_000 && medianMs <= 50 ? 3_000 : 6_000;
}

interface Setting {
  readonly share: number;
  readonly failures: Phase['failures'];
  readonly ratePerS: number;
}

function label({ share, failures, ratePerS }: Setting, prefix = ''): string {
  return `${prefix}${Math.round(share * 100)} % ${failures}, ${ratePerS}/s`;
}

function onset(setting: Setting): Case {
  const forMs = HEALTHY_MS + 7_000;
  const world = worldOf({ ...setting, answers: USUAL, forMs });
  const phases = world.phases.map((phase) => ({ ...phase, fromMs: HEALTHY_MS }));
  return { label: label(setting), world: { ...world, phases } };
}

/** Enough instances for healthy traffic, and a call timeout that no healthy answer exceeds. */
function worldOf(setting: Setting & { readonly answers: Answers; readonly forMs: number }): World {
  const { share, failures, ratePerS, answers, forMs } = setting;
  const inFlight = (ratePerS * answers.medianMs) / 1_000;
  const instances = Math.ceil(ratePerS / 2 + 1.5 * inFlight);
  const world = steady({ ratePerS, instances }, share, { failures, forMs });
  const callTimeoutMs = Math.max(world.rules.callTimeoutMs, 4 * answers.medianMs);
  return { ...world, rules: { ...world.rules, openMs: OPEN_MS, callTimeoutMs }, answers };
}
