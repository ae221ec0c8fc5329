/** Clocks that are wrong, or are set back: an instance mistimes its own waits, and nobody else's. */
import { describe, expect, it } from 'vitest';
import { type Behaviour, Fleet, type FleetInstance } from '../../simulation/fleet.ts';
import { decodeItem } from '../../src/protocol/codec.ts';
import { FAIL, fleetOf, HANG, HOUR_MS, MINUTE_MS, NO_FAULT, OPEN_MS, SUCCEED } from './fleet-of.ts';

/** Calls by all instances every 100 ms; how long it took until one reached the downstream. */
async function msUntilCalled(fleet: Fleet, behaviour: Behaviour): Promise<number> {
  const startedAtMs = fleet.time.nowMs;
  const before = fleet.started;
  while (fleet.started === before) {
    await fleet.callAll(behaviour);
    await fleet.time.run(100);
  }
  return fleet.time.nowMs - startedAtMs;
}

describe('A clock that is set back during a call leaves no negative time', () => {
  it.each([
    ['in the item, by a success that ends a streak', [FAIL, SUCCEED, FAIL]],
    ['in the item, by a probe that recovers', [FAIL, FAIL, FAIL, SUCCEED]],
  ])('%s', async (_, behaviours) => {
    const fleet = fleetOf(1, { failureRate: 1 });
    const [instance] = fleet.instances as [FleetInstance];
    for (const behaviour of behaviours) {
      await fleet.time.run(behaviours.length > 3 ? 3 * OPEN_MS : 10);
      const call = instance.begin(behaviour);
      await fleet.time.run(10);
      instance.skewMs -= MINUTE_MS;
      await fleet.time.until(call);
    }
    expect(decodeItem(await fleet.item())).toHaveProperty('circuit');
    for (const { latencyMs } of instance.records) expect(latencyMs).toBeGreaterThanOrEqual(0);
  });
});

describe('A clock that is a minute wrong', () => {
  it.each([MINUTE_MS, -MINUTE_MS])(
    "of the instance that trips (%i ms) changes nobody's wait",
    async (skewMs) => {
      const fleet = fleetOf(5);
      const [writer] = fleet.instances as [FleetInstance];
      writer.skewMs = skewMs;
      await fleet.callAll(SUCCEED);
      await fleet.callInTurn(3, FAIL, [writer]);
      expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
      const waitedMs = await msUntilCalled(fleet, SUCCEED);
      expect(waitedMs).toBeGreaterThan(0.9 * OPEN_MS - 200);
      expect(waitedMs).toBeLessThan(1.1 * OPEN_MS + 450);
      expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
    },
  );

  it.each([MINUTE_MS, -MINUTE_MS])(
    'of an instance that only reads (%i ms) does not change its wait',
    async (skewMs) => {
      const fleet = fleetOf(2);
      const [writer, reader] = fleet.instances as [FleetInstance, FleetInstance];
      reader.skewMs = skewMs;
      await fleet.callAll(SUCCEED);
      await fleet.callInTurn(3, FAIL, [writer]);
      writer.kill();
      fleet.instances.shift();
      const waitedMs = await msUntilCalled(fleet, SUCCEED);
      expect(waitedMs).toBeGreaterThan(0.9 * OPEN_MS - 200);
      expect(waitedMs).toBeLessThan(1.1 * OPEN_MS + 450);
    },
  );

  it.each([MINUTE_MS, -MINUTE_MS])(
    'of one instance (%i ms) does not keep the fleet from tripping',
    async (skewMs) => {
      const fleet = fleetOf(10);
      const [wrong] = fleet.instances as [FleetInstance];
      wrong.skewMs = skewMs;
      expect(await fleet.callInTurn(10, FAIL)).toContain('refused');
      expect(fleet.started).toBeLessThanOrEqual(5);
    },
  );

  it.each([MINUTE_MS, -MINUTE_MS])(
    'of a prober that dies (%i ms) changes nothing of its lease',
    async (skewMs) => {
      const fleet = fleetOf(3);
      const [prober] = fleet.instances as [FleetInstance];
      await fleet.trip();
      await fleet.callAll(SUCCEED);
      prober.skewMs = skewMs;
      await fleet.time.run(6_000);
      prober.begin(HANG);
      await fleet.time.run(20);
      prober.kill();
      fleet.instances.shift();
      const waitedMs = await msUntilCalled(fleet, SUCCEED);
      expect(waitedMs).toBeLessThan(3_000 + 450);
    },
  );

  it('that is set back does not make an instance wait longer than one open period', async () => {
    const fleet = fleetOf(1);
    await fleet.trip();
    const [instance] = fleet.instances as [FleetInstance];
    expect(await instance.call(SUCCEED)).toBe('refused');
    instance.skewMs = -60 * MINUTE_MS;
    await fleet.time.run(1.1 * OPEN_MS);
    await instance.call(SUCCEED);
    await fleet.time.run(1.1 * OPEN_MS + 250);
    expect(await instance.call(SUCCEED)).toBe('success');
  });
});

it('With several probes, the lease of a prober whose clock is slow is kept by whoever knew the probe before', async () => {
  const fleet = fleetOf(3, { probes: { max: 3, need: 2 } });
  const [a, b, c] = fleet.instances as [FleetInstance, FleetInstance, FleetInstance];
  b.skewMs = -MINUTE_MS;
  await fleet.trip();
  await fleet.callAll(SUCCEED);
  await fleet.time.run(6_000);
  const first = a.begin({ ...SUCCEED, afterMs: 500 });
  await fleet.time.run(400);
  expect(await c.call(SUCCEED)).toBe('refused');
  await fleet.time.until(first);
  const second = b.begin({ ...SUCCEED, afterMs: 1_000 });
  await fleet.time.run(50);
  expect(await c.call(SUCCEED)).toBe('refused');
  expect(await fleet.time.until(second)).toBe('success');
  expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
});

it('A read that was under way when a refused write showed the trip does not shorten the wait', async () => {
  const fleet = new Fleet({ failureThreshold: 1, openMs: 20_000, maxOpenMs: 20_000 });
  const [other, ahead] = fleet.addMany(2) as [FleetInstance, FleetInstance];
  ahead.skewMs = 60_000;
  await ahead.call(SUCCEED);
  const calls = [ahead.begin({ ...FAIL, afterMs: 30 }), other.begin({ ...FAIL, afterMs: 29 })];
  await fleet.time.run(35);
  ahead.latencyMs = 8;
  await fleet.time.until(Promise.all([...calls, ahead.begin(SUCCEED)]));
  await fleet.time.run(500);
  expect(await ahead.call(SUCCEED)).toBe('refused');
  expect(fleet.history).toEqual(['trip']);
});

it.each(['down', 'throttled'] as const)(
  'A clock that is set back an hour does not keep an instance from the store (%s) for an hour',
  async (fault) => {
    const fleet = fleetOf(1);
    const [a] = fleet.instances as [FleetInstance];
    await a.call(SUCCEED);
    a.fault = (write) => (fault === 'down' || write ? fault : undefined);
    await a.call(FAIL);
    await a.call(FAIL);
    a.fault = NO_FAULT;
    a.skewMs = -HOUR_MS;
    await fleet.time.run(MINUTE_MS);
    expect(await a.call(SUCCEED)).toBe('success');
    expect(a.isOut).toBe(false);
  },
);

it.each([-HOUR_MS, HOUR_MS])(
  'A circuit does not stay half-open when an operator whose clock is %i ms off has forced and released it',
  async (skewMs) => {
    const fleet = fleetOf(2);
    const [a] = fleet.instances as [FleetInstance];
    const operator = fleet.add();
    operator.skewMs = skewMs;
    fleet.instances.pop();
    await fleet.trip();
    await fleet.callAll(SUCCEED);
    await fleet.time.run(6_000);
    a.begin(HANG);
    await fleet.time.run(50);
    a.kill();
    fleet.instances.shift();
    await fleet.time.until(operator.breaker.forceClosed('x'));
    await fleet.time.run(10_000);
    await fleet.callAll(SUCCEED);
    await fleet.time.until(operator.breaker.release());
    await fleet.time.run(5_000);
    await fleet.callAll(SUCCEED);
    await fleet.time.run(4_000);
    expect(await fleet.callAll(SUCCEED)).toEqual(['success']);
  },
);

describe('An instance whose clock is wrong makes its calls while the circuit is closed', () => {
  it.each([HOUR_MS, -HOUR_MS, MINUTE_MS, -MINUTE_MS])('by %i ms', async (skewMs) => {
    const fleet = fleetOf(5);
    const [wrong, ...right] = fleet.instances as [FleetInstance, ...FleetInstance[]];
    wrong.skewMs = skewMs;
    const expectServed = async () => {
      expect((await fleet.item()).state ?? 'CLOSED').toBe('CLOSED');
      const answers = new Set<string>();
      for (let i = 0; i < 10; i++) {
        answers.add(await wrong.call(SUCCEED));
        await fleet.time.run(300);
      }
      expect([...answers]).toEqual(['success']);
    };
    await expectServed();
    await fleet.trip();
    expect(await wrong.call(SUCCEED)).toBe('refused');
    await fleet.time.run(6_000);
    await fleet.callInTurn(3, SUCCEED, right);
    await expectServed();
    await fleet.callInTurn(2, FAIL, right);
    await expectServed();
    const [operator] = right as [FleetInstance];
    await fleet.time.until(operator.breaker.forceOpen('drill'));
    expect(await wrong.call(SUCCEED)).toBe('refused');
    await fleet.time.until(operator.breaker.close('drill over'));
    await fleet.time.run(6_000);
    await expectServed();
    wrong.fault = () => 'down';
    await expectServed();
    wrong.fault = NO_FAULT;
    await expectServed();
  });
});
