/** The policies beside this breaker do what they are published to do, in worlds that tell them apart. */
import { expect, test } from 'vitest';
import { measure } from '../../bench/simulation/figures.ts';
import {
  clientThrottling,
  noBreaker,
  ratePerInstance,
  statePerInstance,
} from '../../bench/simulation/policies/per-instance.ts';
import { sharedFlag } from '../../bench/simulation/policies/shared.ts';
import { outage, steady } from '../../bench/simulation/worlds.ts';
import { simulate, type World } from '../../breaker/simulation/world.ts';

const FLEET = { ratePerS: 50, instances: 5 };

async function figuresOf(policy: typeof noBreaker, world: World) {
  return measure(await simulate(world, policy, 1), world, policy);
}

test('a rate per instance needs half of the calls to fail, and state per instance only some in a row', async () => {
  const some = steady(FLEET, 0.15, { failures: 'fast', forMs: 20_000 });
  const most = steady(FLEET, 0.7, { failures: 'fast', forMs: 20_000 });
  expect((await figuresOf(ratePerInstance, some)).refusedPercent).toBe(0);
  expect((await figuresOf(ratePerInstance, most)).refusedPercent).toBeGreaterThan(60);
  expect((await figuresOf(statePerInstance, most)).refusedPercent).toBeGreaterThan(60);
});

test('client-side throttling refuses nothing while half of the calls succeed, and else nearly all', async () => {
  const some = steady(FLEET, 0.3, { failures: 'fast', forMs: 30_000 });
  const most = steady(FLEET, 0.8, { failures: 'fast', forMs: 30_000 });
  expect((await figuresOf(clientThrottling, some)).refusedPercent).toBeLessThan(5);
  expect((await figuresOf(clientThrottling, most)).refusedPercent).toBeGreaterThan(75);
});

test('a shared flag opens for all, and no breaker never', async () => {
  const world = outage('fast', FLEET, { forMs: 10_000, afterMs: 0 });
  expect((await figuresOf(sharedFlag, world)).trips).toBeGreaterThan(0);
  expect((await figuresOf(noBreaker, world)).refusedPercent).toBe(0);
});

test('an instance serves as many calls at once as it is said to', async () => {
  const once = await simulate(steady(FLEET, 0, { forMs: 10_000 }), noBreaker, 1);
  const busy = {
    ...steady({ ...FLEET, ratePerS: 500, instances: 1 }, 0, { forMs: 5_000 }),
    callsAtOnce: 50,
  };
  const many = await simulate(busy, noBreaker, 1);
  const most = (calls: typeof many.calls) =>
    Math.max(
      ...calls.map(
        ({ startedMs: atMs }) => calls.filter((c) => c.startedMs <= atMs && c.endsMs > atMs).length,
      ),
    );
  expect(many.coldStartsMs.length).toBeLessThan(3);
  expect(most(many.calls.slice(0, 500))).toBeGreaterThan(15);
  const perInstance = Object.values(Object.groupBy(once.calls, ({ by }) => by));
  for (const own of perInstance) expect(most(own ?? [])).toBe(1);
});

test('a limited downstream serves what it bears, and a fragile one falls over', async () => {
  const limited = {
    ...steady({ ratePerS: 50, instances: 50 }, 0, { forMs: 20_000 }),
    limit: { callsAtOnce: 1 },
  };
  expect((await figuresOf(noBreaker, limited)).unservedPercent).toBeGreaterThan(90);
  const bearable = { ...limited, limit: { callsAtOnce: 5 } };
  expect((await figuresOf(noBreaker, bearable)).unservedPercent).toBe(0);
  const world = outage('fast', FLEET, { forMs: 5_000, afterMs: 20_000 });
  const fragility = { ratePerS: 100, coldShare: 0.1, warmUpMs: 10_000, failsForMs: 2_000 };
  expect((await figuresOf(noBreaker, { ...world, fragility })).missedPercent).toBeGreaterThan(80);
  expect((await figuresOf(noBreaker, world)).missedPercent).toBe(0);
});
