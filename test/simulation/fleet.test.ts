import type { Write } from 'fleet-breaker';
import { describe, expect, test } from 'vitest';
import { measure, median } from '../../bench/simulation/figures.ts';
import { SCENARIOS } from '../../bench/simulation/scenarios.ts';
import { DEFAULT, IN_A_ROW } from '../../bench/simulation/variants.ts';
import { Violation } from '../../breaker/simulation/monitor.ts';
import { runFaults } from '../../breaker/simulation/random-faults.ts';
import { VirtualTime } from '../../breaker/simulation/virtual-time.ts';
import { simulate } from '../../breaker/simulation/world.ts';

const FAULT_SEEDS = Array.from({ length: 15 }, (_, i) => 1_001 + i);
const MAX_SEEDS_TO_SEE = 30;

describe('virtual time', () => {
  test('follows the promises that an event settles to their end before the next event', async () => {
    const time = new VirtualTime();
    const order: string[] = [];
    time.after(2, () => order.push('at 2'));
    time.after(1, async () => {
      for (let i = 0; i < 100; i++) await undefined;
      order.push('after a hundred awaits of what began at 1');
    });
    time.after(1, () => order.push('at 1, made later'));
    await time.run(3);
    expect(order).toEqual([
      'after a hundred awaits of what began at 1',
      'at 1, made later',
      'at 2',
    ]);
    expect(time.elapsedMs).toBe(3);
  });

  test('runs events in the order of their time, and never one that was cancelled', async () => {
    const time = new VirtualTime();
    const times = Array.from({ length: 500 }, (_, i) => (i * 7_919) % 503);
    const ran: number[] = [];
    for (const atMs of times) {
      const cancel = time.after(atMs, () => ran.push(atMs));
      if (atMs % 5 === 0) cancel();
    }
    await time.run(1_000);
    expect(ran).toEqual(times.filter((atMs) => atMs % 5 !== 0).sort((a, b) => a - b));
  });
});

describe('a fleet', () => {
  test('does the same again for the same seed, and something else for another', async () => {
    const [first, again, other] = [await runFaults(7), await runFaults(7), await runFaults(8)];
    expect(again.requests).toEqual(first.requests);
    expect(again.calls).toEqual(first.calls);
    expect(other.requests).not.toEqual(first.requests);
  });

  test.each(FAULT_SEEDS)(
    'keeps every rule and recovers under faults of every kind, seed %i',
    async (seed) => {
      const run = await runFaults(seed);
      expect(run.requests.length).toBeGreaterThan(0);
    },
  );

  const policies = SCENARIOS.filter(({ name }) => name === 'hang' || name === 'fail-100').flatMap(
    ({ name, policies, cases, bounds }) =>
      policies
        .filter(({ isWatched }) => isWatched)
        .filter((policy) => policy === DEFAULT || policy === IN_A_ROW)
        .map((policy) => ({
          name,
          policy,
          world: cases[0]?.world,
          atMost: bounds.find(({ figure, of }) => figure === 'leaked' && of?.includes(policy))
            ?.atMost,
        })),
  );
  test.each(policies)('leaks no more than promised: $name, $policy.name', async (scenario) => {
    const { world, policy, atMost } = scenario;
    if (!world || atMost === undefined) throw new Error('The scenario has no world or no bound');
    const leaked: number[] = [];
    for (const seed of [1, 2, 3, 4, 5])
      leaked.push(measure(await simulate(world, policy, seed), world, policy).leaked);
    expect(median(leaked)).toBeLessThanOrEqual(atMost);
  });
});

describe('the watch is awake: it sees a library whose', () => {
  const without = (operation: string, conditions = (_: Write['conditions'][number]) => true) => {
    return (write: Write): Write =>
      write.operation === operation
        ? { ...write, conditions: write.conditions.filter((condition) => !conditions(condition)) }
        : write;
  };
  // The first seed that shows it; later ones do as well, should the library change its ways.
  test.each([
    ['trip', 'has lost its conditions', 5, without('trip')],
    ['trip', 'does not ask for the threshold', 55, without('trip', (c) => c.is === 'atLeast')],
    ['openStreak', 'has lost its conditions', 29, without('openStreak')],
    ['forgive', 'has lost its conditions', 11, without('forgive')],
    ['forgive', 'does not ask for enough', 92, without('forgive', (c) => c.is === 'atLeast')],
    [
      'clearStreak',
      'does not ask what is left',
      122,
      without('clearStreak', (c) => c.is === 'atMost'),
    ],
    ['countFailure', 'does not ask for room', 2, without('countFailure', (c) => c.is === 'below')],
    ['claimProbe', 'has lost its conditions', 5, without('claimProbe')],
    ['nextProbe', 'has lost its conditions', 26, without('nextProbe')],
    ['reportProbe', 'has lost its conditions', 50, without('reportProbe')],
    ['takeOverProbe', 'has lost its conditions', 38, without('takeOverProbe')],
    ['recover', 'has lost its conditions', 41, without('recover')],
    ['reopen', 'has lost its conditions', 10, without('reopen')],
    ['copy', 'has lost its conditions', 10, without('copy')],
  ])('%s %s', async (_operation, _what, seed, tamper) => {
    const seen = await firstViolation(seed, tamper);
    expect(seen).toBeInstanceOf(Violation);
    expect(seen?.journal.length).toBeGreaterThan(0);
  });
});

async function firstViolation(
  fromSeed: number,
  tamper: (write: Write) => Write,
): Promise<Violation | undefined> {
  for (let seed = fromSeed; seed < fromSeed + MAX_SEEDS_TO_SEE; seed++) {
    try {
      await runFaults(seed, tamper);
    } catch (error) {
      if (error instanceof Violation) return error;
      throw error;
    }
  }
  return undefined;
}
