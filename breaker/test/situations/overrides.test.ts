/** What an operator forces upon the circuit. */
import { describe, expect, it } from 'vitest';
import type { Fleet, FleetInstance } from '../../simulation/fleet.ts';
import { FAIL, fleetOf, HANG, MINUTE_MS, SUCCEED } from './fleet-of.ts';

describe('An override is obeyed within 5 s, or at the next read', () => {
  /** How long until the last of a fleet that calls all the time answers as the override demands. */
  async function obeyedWithinMs(
    fleet: Fleet,
    callers: FleetInstance[],
    expected: string,
  ): Promise<number> {
    const startedAtMs = fleet.time.nowMs;
    const isObeyed = async () =>
      (await fleet.callAll(SUCCEED, callers)).every((answer) => answer === expected);
    while (!(await isObeyed())) await fleet.time.run(100);
    return fleet.time.nowMs - startedAtMs;
  }

  const situations: Record<string, (fleet: Fleet) => Promise<unknown>> = {
    closed: (fleet) => fleet.callAll(SUCCEED),
    open: async (fleet) => {
      await fleet.trip();
      await fleet.callAll(SUCCEED);
    },
    'half-open with a probe under way': async (fleet) => {
      await fleet.trip();
      await fleet.time.run(Number((await fleet.item()).openDurationMs) + 250);
      const prober = fleet.add();
      prober.begin(HANG);
      fleet.instances.pop();
      await fleet.time.run(20);
      await fleet.callAll(SUCCEED);
    },
  };

  it.each(Object.entries(situations))('while %s', async (_, comesAbout) => {
    const fleet = fleetOf(10, {
      callTimeoutMs: 60_000,
      openMs: 60_000,
      maxOpenMs: 60_000,
      viewTtlMs: 250,
    });
    const operator = fleet.add().breaker;
    fleet.instances.pop();
    const callers = fleet.instances;
    await comesAbout(fleet);
    await fleet.time.until(operator.forceClosed('let them through'));
    expect(await obeyedWithinMs(fleet, callers, 'success')).toBeLessThanOrEqual(5_200);
    await fleet.time.until(operator.forceOpen('stop them'));
    expect(await obeyedWithinMs(fleet, callers, 'refused')).toBeLessThanOrEqual(5_200);
    await fleet.time.until(operator.forceClosed('let them through'));
    await fleet.time.run(5_000);
    expect(new Set(await fleet.callAll(FAIL, callers))).toEqual(new Set(['failure']));
    const before = await fleet.item();
    await fleet.time.until(operator.release());
    expect(await fleet.item()).toMatchObject({ state: before.state, reason: 'released' });
    expect(await fleet.item()).not.toHaveProperty('override');
  });

  it('ends by itself when it was given an end', async () => {
    const fleet = fleetOf(3);
    const [operator] = fleet.instances as [FleetInstance];
    await fleet.time.until(
      operator.breaker.forceOpen('for a minute', fleet.time.nowMs + MINUTE_MS),
    );
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['refused']));
    await fleet.time.run(MINUTE_MS);
    expect(await operator.call(SUCCEED)).toBe('success');
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
  });

  it('counts nothing while it forces the circuit closed', async () => {
    const fleet = fleetOf(3);
    await fleet.time.until(
      (fleet.instances[0] as FleetInstance).breaker.forceClosed('whatever happens'),
    );
    expect(new Set(await fleet.callInTurn(20, FAIL))).toEqual(new Set(['failure']));
    expect(fleet.history).toEqual(['override']);
  });

  it('is published as a transition, and shown by status', async () => {
    const fleet = fleetOf(1);
    const [{ breaker }] = fleet.instances as [FleetInstance];
    await fleet.time.until(breaker.forceOpen('maintenance'));
    expect(fleet.published).toMatchObject([
      { operation: 'override', override: 'FORCED_OPEN', reason: 'maintenance', generation: 1 },
    ]);
    const status = await fleet.time.until(breaker.status());
    expect(status).toMatchObject({ state: 'OPEN', override: 'FORCED_OPEN', reason: 'maintenance' });
  });

  it('rejects with the reason when the store is out of reach', async () => {
    const fleet = fleetOf(1);
    const [instance] = fleet.instances as [FleetInstance];
    instance.fault = () => 'down';
    const forced = fleet.time.until(instance.breaker.forceOpen('now'));
    await expect(forced).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
  });
});

it('An override that the store throttles rejects as throttled, after a few contacts', async () => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [FleetInstance];
  let contacts = 0;
  a.fault = (write) => {
    contacts++;
    return write ? 'throttled' : undefined;
  };
  const forced = fleet.time.until(a.breaker.forceOpen('now'), 60_000);
  await expect(forced).rejects.toMatchObject({ name: 'StoreError', kind: 'throttled' });
  expect(contacts).toBeLessThan(10);
});

it.each([
  ['until no time at all', 'x', Number.NaN],
  ['until a time before all times', 'x', -1],
  ['until a time after all times', 'x', 1e17],
  ['for no reason', undefined as never, undefined],
])('An override %s is refused, and leaves the item as it was', async (_, reason, untilMs) => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [FleetInstance];
  const forced = fleet.time.until(a.breaker.forceOpen(reason, untilMs));
  await expect(forced).rejects.toBeInstanceOf(TypeError);
  expect(await fleet.item()).toEqual({});
  expect(a.isOut).toBe(false);
});
