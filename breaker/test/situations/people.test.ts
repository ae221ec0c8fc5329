/** What went wrong once, or would have, with operators' words, hands and what people are told. */
import { expect, it } from 'vitest';
import { Fleet, type FleetOptions, type Instance } from '../support/fleet.ts';

const SUCCEED = { does: 'succeed' } as const;
const MINUTE = 60_000;
const T = 3;

function fleetOf(count: number, options: FleetOptions = {}): Fleet {
  const fleet = new Fleet({ failureThreshold: T, openMs: 5_000, maxOpenMs: 5_000, ...options });
  fleet.addMany(count);
  return fleet;
}

it('An operator is told that the store throttles', async () => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [Instance];
  let contacts = 0;
  a.fault = (write) => {
    contacts++;
    return write ? 'throttled' : undefined;
  };
  const spoken = fleet.time.until(a.breaker.forceOpen('now'), 60_000);
  await expect(spoken).rejects.toMatchObject({ name: 'StoreError', kind: 'throttled' });
  expect(contacts).toBeLessThan(10);
});

it('status answers whatever times a hand has put there', async () => {
  const fleet = fleetOf(1);
  await fleet.trip();
  await fleet.edit({ openUntilMs: 1e16, openDurationMs: 1e16 });
  const [a] = fleet.instances as [Instance];
  expect(await fleet.time.until(a.breaker.status())).toMatchObject({
    store: 'unavailable',
  });
});

it.each([
  ['a status that is thrown', () => Promise.reject({ status: 503 }), 'HTTP 503'],
  ['a status that is returned', () => ({ status: 429 }), 'HTTP 429'],
  ['an error', () => Promise.reject(new TypeError('secret')), 'TypeError'],
])('The reason of a trip names %s, and quotes nothing', async (_, call, cause) => {
  const fleet = fleetOf(1, { failureThreshold: 1 });
  const [a] = fleet.instances as [Instance];
  await fleet.time.until(a.breaker.execute<unknown>(call, { fallback: () => 'none' }));
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', reason: `1 x ${cause}` });
});

it('status tells how long calls are refused, whoever refuses them, and only then', async () => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [Instance];
  const { breaker } = a;
  const told = async () => (await fleet.time.until(breaker.status())).retryAfterMs;
  expect(await told()).toBeUndefined();
  await fleet.trip();
  expect(await told()).toBeGreaterThan(4_000);
  await fleet.time.until(breaker.forceClosed('x'));
  expect(await told()).toBeUndefined();
  await fleet.time.until(breaker.forceOpen('x', fleet.time.nowMs + MINUTE));
  expect(await told()).toBeGreaterThan(59_000);
});

it.each([
  ['until no time at all', 'x', Number.NaN],
  ['until a time before all times', 'x', -1],
  ['until a time after all times', 'x', 1e17],
  ['for no reason', undefined as never, undefined],
])('An override %s is refused, and leaves the item as it was', async (_, reason, untilMs) => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [Instance];
  const spoken = fleet.time.until(a.breaker.forceOpen(reason, untilMs));
  await expect(spoken).rejects.toMatchObject({ name: 'StoreError', kind: 'malformed' });
  expect(await fleet.item()).toEqual({});
  expect(a.isOut).toBe(false);
});

it('A number by hand that cannot grow any more does not keep an instance busy for ever', async () => {
  const fleet = fleetOf(1);
  await fleet.trip();
  await fleet.edit({ generation: 8.64e15 });
  await fleet.time.run(6_000);
  const [a] = fleet.instances as [Instance];
  expect(await a.call(SUCCEED)).toBe('refused');
  expect(a.storeChanges).toMatchObject([{ available: false, error: { kind: 'malformed' } }]);
});

it('status tells that its read was throttled', async () => {
  const fleet = fleetOf(1);
  const [a] = fleet.instances as [Instance];
  a.fault = (write) => (write ? undefined : 'throttled');
  expect(await fleet.time.until(a.breaker.status())).toMatchObject({ store: 'unavailable' });
});
