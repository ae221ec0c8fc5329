/** The circuit as people read it. */
import { describe, expect, it } from 'vitest';
import type { FleetInstance } from '../simulation/fleet.ts';
import { ABSENT_CIRCUIT, type Circuit } from '../src/protocol/circuit.ts';
import { describeCircuit } from '../src/status.ts';
import { fleetOf, MINUTE_MS } from './situations/fleet-of.ts';
import { closed, failing, NOW_MS, open, probing } from './support/circuits.ts';

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

describe('A circuit is described', () => {
  const NOON = Date.UTC(2026, 5, 1, 12);
  const common = { schemaVersion: 2, generation: 7, streakId: 4, reopenings: 0 };
  const stamp = { updatedBy: 'another', reason: 'as it is', updatedAt: '2025-12-31T23:59:59.900Z' };

  it.each<[string, Circuit, object]>([
    ['closed', closed, { state: 'CLOSED' }],
    [
      'with a streak',
      failing,
      {
        state: 'CLOSED',
        streakScore: 1,
        streakReports: 1,
        streakStartedAt: '2025-12-31T23:59:59.000Z',
      },
    ],
    [
      'open',
      { ...open, closedAtMs: NOON },
      {
        state: 'OPEN',
        openUntil: '2026-01-01T00:00:04.900Z',
        openDurationMs: 5_000,
        closedAt: '2026-06-01T12:00:00.000Z',
      },
    ],
    [
      'half-open',
      probing,
      {
        state: 'HALF_OPEN',
        probesIssued: 1,
        probesOk: 0,
        probesFailed: 0,
        probeOwner: 'another#1',
        probeLeaseUntil: '2026-01-01T00:00:02.900Z',
      },
    ],
    [
      'forced open until a time',
      { ...closed, override: 'FORCED_OPEN', overrideUntilMs: NOON },
      { state: 'OPEN', override: 'FORCED_OPEN', overrideUntil: '2026-06-01T12:00:00.000Z' },
    ],
    [
      'whose override is over',
      { ...closed, override: 'FORCED_OPEN', overrideUntilMs: NOW_MS },
      { state: 'CLOSED', override: 'FORCED_OPEN', overrideUntil: '2026-01-01T00:00:00.000Z' },
    ],
  ])('with its times in ISO 8601 and the state in force: %s', (_, circuit, expected) => {
    expect(describeCircuit(circuit, NOW_MS)).toEqual({ ...common, ...stamp, ...expected });
  });

  it('without a time if it was never updated', () => {
    const { updatedAtMs: _, ...others } = ABSENT_CIRCUIT;
    expect(describeCircuit(ABSENT_CIRCUIT, NOW_MS)).toEqual({ ...others, updatedAt: 0 });
  });
});
