/** An idle Lambda instance is frozen, and may be thawed much later. */
import { describe, expect, it } from 'vitest';
import type { FleetInstance } from '../../simulation/fleet.ts';
import { fleetOf, HOUR_MS, SUCCEED } from './fleet-of.ts';

describe('An instance that was frozen for an hour', () => {
  it.each([0, 250, 60_000])(
    'between two calls reads before its next: view TTL %i ms',
    async (viewTtlMs) => {
      const fleet = fleetOf(1, { viewTtlMs, openMs: 2 * HOUR_MS, maxOpenMs: 2 * HOUR_MS });
      const [frozen] = fleet.instances as [FleetInstance];
      expect(await frozen.call(SUCCEED)).toBe('success');
      frozen.freeze(HOUR_MS);
      await fleet.trip();
      await fleet.time.run(HOUR_MS);
      expect(await frozen.call(SUCCEED)).toBe('refused');
    },
  );

  it('while open joins a fleet that has recovered', async () => {
    const fleet = fleetOf(2);
    const [frozen, other] = fleet.instances as [FleetInstance, FleetInstance];
    await fleet.trip();
    expect(await frozen.call(SUCCEED)).toBe('refused');
    frozen.freeze(HOUR_MS);
    await fleet.time.run(6_000);
    expect(await other.call(SUCCEED)).toBe('success');
    await fleet.time.run(HOUR_MS);
    expect(await frozen.call(SUCCEED)).toBe('success');
    expect(fleet.history).toEqual(['trip', 'claimProbe', 'recover']);
  });

  it('in the middle of a call reports nothing that counts any more', async () => {
    const fleet = fleetOf(1);
    const [frozen] = fleet.instances as [FleetInstance];
    const call = frozen.begin({ does: 'fail', afterMs: 500 });
    await fleet.time.run(100);
    frozen.freeze(HOUR_MS);
    await fleet.trip();
    await fleet.time.run(6_000);
    expect(await fleet.add().call(SUCCEED)).toBe('success');
    const recovered = await fleet.item();
    expect(await fleet.time.until(call, 2 * HOUR_MS)).toBe('failure');
    expect(await fleet.item()).toEqual(recovered);
  });

  it('with a read under way does not take its answer for the present', async () => {
    const fleet = fleetOf(1, { openMs: 2 * HOUR_MS, maxOpenMs: 2 * HOUR_MS });
    const [frozen] = fleet.instances as [FleetInstance];
    const prefetched = frozen.breaker.prefetch();
    await fleet.time.run(3);
    frozen.freeze(HOUR_MS);
    await fleet.trip();
    await fleet.time.run(HOUR_MS);
    expect(await frozen.call(SUCCEED, { prefetched })).toBe('refused');
  });
});

it('A read that was under way when the instance was frozen does not serve the call after it', async () => {
  const fleet = fleetOf(1, { openMs: 2 * HOUR_MS, maxOpenMs: 2 * HOUR_MS });
  const [a] = fleet.instances as [FleetInstance];
  a.breaker.prefetch();
  await fleet.time.run(3);
  a.freeze(HOUR_MS);
  const thawsAtMs = fleet.time.nowMs + HOUR_MS;
  await fleet.trip();
  await fleet.time.run(thawsAtMs - fleet.time.nowMs - 1);
  expect(await a.call(SUCCEED, { prefetched: a.breaker.prefetch() })).toBe('refused');
});
