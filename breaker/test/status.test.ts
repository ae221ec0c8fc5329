/** The circuit as people read it. */
import { expect, it } from 'vitest';
import type { FleetInstance } from '../simulation/fleet.ts';
import { fleetOf, MINUTE_MS } from './situations/fleet-of.ts';

it('status answers whatever times were edited into the item', async () => {
  const fleet = fleetOf(1);
  await fleet.trip();
  await fleet.edit({ openUntilMs: 1e16, openDurationMs: 1e16 });
  const [a] = fleet.instances as [FleetInstance];
  expect(await fleet.time.until(a.breaker.status())).toMatchObject({
    store: 'unavailable',
  });
});

it('status gives retryAfterMs while calls are refused, by the circuit or by an override, and only then', async () => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [FleetInstance];
  const { breaker } = a;
  const retryAfterMs = async () => (await fleet.time.until(breaker.status())).retryAfterMs;
  expect(await retryAfterMs()).toBeUndefined();
  await fleet.trip();
  expect(await retryAfterMs()).toBeGreaterThan(4_000);
  await fleet.time.until(breaker.forceClosed('x'));
  expect(await retryAfterMs()).toBeUndefined();
  await fleet.time.until(breaker.forceOpen('x', fleet.time.nowMs + MINUTE_MS));
  expect(await retryAfterMs()).toBeGreaterThan(59_000);
});

it('status says that the store is unavailable when its read was throttled', async () => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [FleetInstance];
  a.fault = (write) => (write ? undefined : 'throttled');
  expect(await fleet.time.until(a.breaker.status())).toMatchObject({ store: 'unavailable' });
});
