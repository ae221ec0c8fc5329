import { expect, test } from 'vitest';
import { planFor } from '../../plan.ts';
import type { PhaseReport, VariantReport } from '../report.ts';
import { verdictOf } from './verdict.ts';

interface Figures {
  readonly ok?: number;
  readonly degraded?: number;
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms?: number;
  /** Until full service; null: it did not come. */
  readonly recoverySeconds?: number | null;
}

/** Of 1000 requests; what is neither ok nor degraded has failed. */
function phase({
  ok = 0,
  degraded = 0,
  perSecond,
  medianMs,
  p99Ms = medianMs,
}: Figures): PhaseReport {
  const share = (count: number) => ({ count, share: count / 1000 });
  return {
    ...{ name: 'hanging', fault: 'hang', fromSeconds: 10, toSeconds: 130 },
    ...{ requests: 1000, requestsPerSecond: perSecond, usefulRequestsPerSecond: 0, statuses: {} },
    outcomes: { ok: share(ok), degraded: share(degraded), failed: share(1000 - ok - degraded) },
    latencyMs: { min: 1, mean: medianMs, median: medianMs, p95: medianMs, p99: p99Ms, max: p99Ms },
  };
}

/** The verdict reads the phase with the fault and the recovery, and nothing else. */
function variant(figures: Figures): VariantReport {
  const fault = phase(figures);
  const { recoverySeconds = 0.4 } = figures;
  return {
    ...{ users: 100, elapsedSeconds: 150, sentWhileSwitching: 0 },
    phases: { before: fault, fault, after: fault },
    recovery: { fullServiceSeconds: recoverySeconds, circuitClosedSeconds: null },
    ...{ seconds: [], latencyDots: [], firstRequests: [], circuit: null, fleet: null },
  };
}

const plan = planFor({ scenario: 'outage', profile: 'full', target: 'local' });
const verdict = (v1: Figures, v2: Figures) => verdictOf(plan, { v1: variant(v1), v2: variant(v2) });
const hanging = { perSecond: 3, medianMs: 29_004, recoverySeconds: 29.4 };
const well = { ok: 1000, perSecond: 60, medianMs: 10 };

test('an outage that v1 does not survive', () => {
  expect(
    verdict(hanging, { degraded: 1000, perSecond: 64, medianMs: 5, recoverySeconds: 6.2 }),
  ).toEqual({
    headline: 'With recommendations hanging, v1 served nobody and v2 served everybody.',
    detail:
      'v2 answered after 5 ms instead of 29 s (medians). ' +
      'v2 handled 64 requests per second instead of 3. ' +
      'Afterwards v2 was back in full service after 6.2 s instead of 29.4 s.',
  });
});

test('no difference is called no difference', () => {
  expect(verdict(well, { ...well, perSecond: 61, medianMs: 11 })).toEqual({
    headline: 'With recommendations hanging, v1 and v2 served alike: everybody got an answer.',
    detail:
      'Both answered after about 11 ms (median), and their slowest hundredth took about as long. ' +
      'Both handled about 61 requests per second. ' +
      'Afterwards both were in full service at once.',
  });
});

test.each<[string, Figures, Figures, string]>([
  [
    'almost everybody is not everybody',
    well,
    { ok: 999, perSecond: 60, medianMs: 10 },
    'v1 and v2 served alike: 99.9 % of the requests got an answer',
  ],
  ['v2 may be the worse one', well, { ok: 900, perSecond: 60, medianMs: 10 }, 'v2 served 90 % of'],
  [
    'v2 may be the slower one',
    well,
    { ...well, perSecond: 30 },
    'v2 handled 30 requests per second instead of 60',
  ],
  [
    'v2 may answer later',
    well,
    { ...well, medianMs: 30 },
    'v2 answered after 30 ms instead of 10 ms',
  ],
  [
    'a difference that nobody notices is none, whatever its factor',
    { ...well, medianMs: 3 },
    { ...well, medianMs: 9 },
    'Both answered after about 9 ms (median)',
  ],
  [
    'recoveries that differ by less than a user waits are alike',
    { ...well, recoverySeconds: 4 },
    { ...well, recoverySeconds: 5.5 },
    'Afterwards both were back in full service after about 5.5 s.',
  ],
  [
    'failing fast is no merit',
    { perSecond: 60, medianMs: 2 },
    { degraded: 1000, perSecond: 60, medianMs: 9 },
    'v1 mostly failed, and that after 2 ms (median); v2 answered after 9 ms.',
  ],
  [
    'where medians are alike, the slowest hundredth speaks',
    { ...well, p99Ms: 8_000 },
    { ...well, p99Ms: 2_000 },
    'the slowest hundredth took at least 8 s in v1 and 2 s in v2',
  ],
  [
    'an open circuit also costs complete answers, and that is said',
    { ok: 500, perSecond: 60, medianMs: 10 },
    { ok: 200, degraded: 800, perSecond: 60, medianMs: 10 },
    'The price: 12 complete answers per second instead of 30.',
  ],
])('%s', (_, v1, v2, words) => {
  const { headline, detail } = verdict(v1, v2);
  expect(`${headline} ${detail}`).toContain(words);
});

test.each(['outage', 'brownout', 'cascade'] as const)(
  'the %s scenario is named in its verdict',
  (scenario) => {
    const of = (name: typeof scenario | 'outage') =>
      verdictOf(planFor({ scenario: name, profile: 'full', target: 'local' }), {
        v1: variant(well),
        v2: variant(well),
      });
    expect(of(scenario).headline).toMatch(/^With .*recommendations/);
    if (scenario !== 'outage') expect(of(scenario).headline).not.toBe(of('outage').headline);
  },
);

test('a recovery that did not come is told in the caveats, not in the verdict', () => {
  expect(verdict(hanging, { ...well, recoverySeconds: null }).detail).not.toContain('Afterwards');
});
