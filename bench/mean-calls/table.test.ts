/** The table of mean calls to a trip: exact, as the library counts, and as the README prints it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Fleet } from '../../breaker/simulation/fleet.ts';
import { randomStream } from '../../breaker/simulation/random.ts';
import { meanCallsToTrip } from './chain.ts';
import { RULES, tableOf } from './table.ts';

const README = new URL('../../breaker/README.md', import.meta.url);

test.each([2, 3, 5])('%i failures in a row take as long as runs of heads do', (threshold) => {
  for (const share of [0.05, 0.5, 0.9]) {
    const runs = (1 - share ** threshold) / ((1 - share) * share ** threshold);
    const rule = { failureRate: 1, failureThreshold: threshold };
    expect(meanCallsToTrip(rule, share) / runs).toBeCloseTo(1, 12);
  }
});

test.each([5, 10, 20])(
  'Half of the calls, threshold %i, takes as long as a gambler does',
  (threshold) => {
    const rule = { failureRate: 0.5, failureThreshold: threshold };
    expect(meanCallsToTrip(rule, 0.5)).toBeCloseTo(threshold * (threshold + 1), 8);
    const [p, q] = [0.05, 0.95];
    const r = q / p;
    const gambler = (r * (r ** threshold - 1)) / ((r - 1) * (q - p)) - threshold / (q - p);
    expect(meanCallsToTrip(rule, p) / gambler).toBeCloseTo(1, 9);
  },
);

test('When all calls fail the threshold is reached at once, and when none does never', () => {
  for (const rule of [...RULES, { failureRate: 0.2, failureThreshold: 7 }]) {
    expect(meanCallsToTrip(rule, 1)).toBe(rule.failureThreshold);
    expect(meanCallsToTrip(rule, 0)).toBe(Infinity);
  }
});

test.each([
  { failureRate: 1, failureThreshold: 3, failureShare: 0.4 },
  { failureRate: 0.5, failureThreshold: 5, failureShare: 0.5 },
  { failureRate: 0.5, failureThreshold: 10, failureShare: 0.7 },
  { failureRate: 0.2, failureThreshold: 5, failureShare: 0.3 },
])(
  'The library trips after as many calls on average: $failureRate, $failureThreshold, $failureShare',
  async ({ failureShare, ...rule }) => {
    const trips = 80;
    const random = randomStream(1, 'mean calls');
    const counts: number[] = [];
    for (let i = 0; i < trips; i++) counts.push(await callsToTrip(rule, failureShare, random));
    const mean = counts.reduce((sum, count) => sum + count, 0) / trips;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / trips;
    const exact = meanCallsToTrip(rule, failureShare);
    // Four standard errors: one run of 15,000 would be further off by chance.
    expect(Math.abs(mean - exact)).toBeLessThan(4 * Math.sqrt(variance / trips));
  },
);

test('The table of the README is what the command prints', () => {
  const readme = readFileSync(README, 'utf8');
  expect(readme).toContain(tableOf(RULES).join('\n'));
  expect(readme).toContain('npm run mean-calls');
});

/** Calls of one instance of the real breaker, a second apart so that each of them counts. */
async function callsToTrip(
  rule: (typeof RULES)[number],
  failureShare: number,
  random: () => number,
): Promise<number> {
  const fleet = new Fleet(rule);
  const instance = fleet.add();
  // A success shows how long calls take, before the first streak.
  await instance.call({ does: 'succeed' });
  for (let calls = 1; ; calls++) {
    await instance.call({ does: random() < failureShare ? 'fail' : 'succeed' });
    if ((await fleet.item()).state === 'OPEN') return calls;
    await fleet.time.run(1_000);
  }
}
