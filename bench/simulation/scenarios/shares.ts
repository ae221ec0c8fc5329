import type { Answers, Phase } from '../../../breaker/simulation/downstream.ts';
import type { World } from '../../../breaker/simulation/world.ts';
import { clientThrottling, ratePerInstance, statePerInstance } from '../policies/per-instance.ts';
import { sharedFlag } from '../policies/shared.ts';
import type { Case, Scenario } from '../scenario.ts';
import { VIEW_250, VIEW_PER_CALL } from '../variants.ts';
import { steady } from '../worlds.ts';

const RATES_PER_S = [100, 1_000];
const FAILURES = ['fast', 'usual', 'hang', 'mixed'] as const;
const ANSWERS: Readonly<Record<string, Answers>> = {
  '5 ms': { medianMs: 5, spread: 'narrow' },
  '50 ms': { medianMs: 50, spread: 'narrow' },
  '1.5 s': { medianMs: 1_500, spread: 'narrow' },
  'long tail': { medianMs: 50, spread: 'long tail' },
};
const FOR_MS = 15_000;

const POLICIES = [statePerInstance, ratePerInstance, clientThrottling, sharedFlag];

/** Shares of the calls that fail, failures and successes of any duration. */
export const SHARES: readonly Scenario[] = [
  {
    name: 'background',
    title: 'Background errors for 15 s that should trip nothing, threshold 5',
    cases: [0.01, 0.05, 0.1].flatMap((share) =>
      Object.entries(ANSWERS).flatMap(([name, answers]) =>
        FAILURES.flatMap((failures) =>
          RATES_PER_S.map((ratePerS) =>
            caseOf(`answers ${name}, `, { share, failures, ratePerS, answers }),
          ),
        ),
      ),
    ),
    policies: [ratePerInstance, clientThrottling, VIEW_PER_CALL, VIEW_250],
    figures: ['refusedPercent', 'trips'],
    bounds: [{ figure: 'trips', atMost: 1 }],
    seeds: 3,
  },
  {
    name: 'shares',
    title: 'A larger share of the calls fails for 15 s, threshold 5',
    cases: [0.3, 0.6, 1].flatMap((share) =>
      (['fast', 'hang'] as const).flatMap((failures) =>
        RATES_PER_S.map((ratePerS) =>
          caseOf('', { share, failures, ratePerS, answers: ANSWERS['50 ms'] as Answers }),
        ),
      ),
    ),
    policies: [...POLICIES, VIEW_PER_CALL, VIEW_250],
    figures: ['refusedPercent', 'trippedAfterMs'],
    bounds: [
      { figure: 'trippedAfterMs', atMost: 1_000, where: '60 % fast' },
      { figure: 'trippedAfterMs', atMost: 1_000, where: '100 % fast' },
      { figure: 'trippedAfterMs', atMost: 2_500, where: '100 % hang' },
    ],
    seeds: 5,
  },
];

interface Setting {
  readonly share: number;
  readonly failures: Phase['failures'];
  readonly ratePerS: number;
  readonly answers: Answers;
}

function caseOf(prefix: string, setting: Setting): Case {
  const { share, failures, ratePerS, answers } = setting;
  const label = `${prefix}${Math.round(share * 100)} % ${failures}, ${ratePerS}/s`;
  return { label, world: worldOf(setting, steady({ ratePerS, instances: 0 }, share), answers) };
}

/** Enough instances for healthy traffic, and a call timeout that no healthy answer exceeds. */
function worldOf({ share, failures, ratePerS }: Setting, base: World, answers: Answers): World {
  const inFlight = (ratePerS * answers.medianMs) / 1_000;
  const instances = Math.ceil(ratePerS / 2 + 1.5 * inFlight);
  const callTimeoutMs = Math.max(base.rules.callTimeoutMs, 4 * answers.medianMs);
  return {
    ...steady({ ratePerS, instances }, share, { failures, forMs: FOR_MS }),
    rules: { ...base.rules, callTimeoutMs },
    answers,
  };
}
