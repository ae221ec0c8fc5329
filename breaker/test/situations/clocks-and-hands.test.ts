import { describe, expect, it } from 'vitest';
import { type Behaviour, Fleet, type FleetOptions, type Instance } from '../support/fleet.ts';

const FAIL = { does: 'fail' } as const;
const HANG = { does: 'hang' } as const;
const SUCCEED = { does: 'succeed' } as const;
const MINUTE = 60_000;
const OPEN_MS = 5_000;

function fleetOf(count: number, options: FleetOptions = {}): Fleet {
  const fleet = new Fleet({ failureThreshold: 3, openMs: OPEN_MS, ...options });
  fleet.addMany(count);
  return fleet;
}

/** Calls by all instances every 100 ms; how long it took until the downstream saw one. */
async function msUntilCalled(fleet: Fleet, behaviour: Behaviour): Promise<number> {
  const startedAtMs = fleet.time.nowMs;
  const before = fleet.started;
  while (fleet.started === before) {
    await fleet.callAll(behaviour);
    await fleet.time.run(100);
  }
  return fleet.time.nowMs - startedAtMs;
}

describe('12. A clock that is a minute wrong', () => {
  it.each([MINUTE, -MINUTE])(
    "of the instance that trips (%i ms) changes nobody's wait",
    async (skewMs) => {
      const fleet = fleetOf(5);
      const [writer] = fleet.instances as [Instance];
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

  it.each([MINUTE, -MINUTE])(
    'of an instance that only looks on (%i ms) does not change its wait',
    async (skewMs) => {
      const fleet = fleetOf(2);
      const [writer, reader] = fleet.instances as [Instance, Instance];
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

  it.each([MINUTE, -MINUTE])(
    'of one instance (%i ms) does not keep the fleet from tripping',
    async (skewMs) => {
      const fleet = fleetOf(10);
      const [wrong] = fleet.instances as [Instance];
      wrong.skewMs = skewMs;
      expect(await fleet.callInTurn(10, FAIL)).toContain('refused');
      expect(fleet.started).toBeLessThanOrEqual(5);
    },
  );

  it.each([MINUTE, -MINUTE])(
    'of a prober that dies (%i ms) changes nothing of its lease',
    async (skewMs) => {
      const fleet = fleetOf(3);
      const [prober] = fleet.instances as [Instance];
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
    const [instance] = fleet.instances as [Instance];
    expect(await instance.call(SUCCEED)).toBe('refused');
    instance.skewMs = -60 * MINUTE;
    await fleet.time.run(1.1 * OPEN_MS);
    await instance.call(SUCCEED);
    await fleet.time.run(1.1 * OPEN_MS + 250);
    expect(await instance.call(SUCCEED)).toBe('success');
  });
});

describe("17. An operator's word is obeyed within 5 s, or at the next read", () => {
  /** How long after `word` the last of a fleet that calls all the time answers as it says. */
  async function obeyedWithinMs(
    fleet: Fleet,
    callers: Instance[],
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
    const [operator] = fleet.instances as [Instance];
    await fleet.time.until(operator.breaker.forceOpen('for a minute', fleet.time.nowMs + MINUTE));
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['refused']));
    await fleet.time.run(MINUTE);
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
  });

  it('counts nothing while it forces the circuit closed', async () => {
    const fleet = fleetOf(3);
    await fleet.time.until(
      (fleet.instances[0] as Instance).breaker.forceClosed('whatever happens'),
    );
    expect(new Set(await fleet.callInTurn(20, FAIL))).toEqual(new Set(['failure']));
    expect(fleet.history).toEqual(['override']);
  });

  it('is told as a transition, and shown by status', async () => {
    const fleet = fleetOf(1);
    const [{ breaker }] = fleet.instances as [Instance];
    await fleet.time.until(breaker.forceOpen('maintenance'));
    expect(fleet.told).toMatchObject([
      { operation: 'override', override: 'FORCED_OPEN', reason: 'maintenance', generation: 1 },
    ]);
    const status = await fleet.time.until(breaker.status());
    expect(status).toMatchObject({ state: 'OPEN', override: 'FORCED_OPEN', reason: 'maintenance' });
  });

  it('is refused with the reason when the store is out of reach', async () => {
    const fleet = fleetOf(1);
    const [instance] = fleet.instances as [Instance];
    instance.fault = () => 'down';
    const spoken = fleet.time.until(instance.breaker.forceOpen('now'));
    await expect(spoken).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
  });
});

it('18. An item that was deleted is written anew', async () => {
  const fleet = fleetOf(2, { failureThreshold: 1 });
  await fleet.callInTurn(1, FAIL);
  await fleet.time.run(6_000);
  expect(await fleet.callInTurn(2, SUCCEED)).toEqual(['success', 'success']);
  await fleet.harness.put(fleet.name, undefined);
  await fleet.callInTurn(4, FAIL);
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
  expect(await fleet.callInTurn(2, FAIL)).toEqual(['refused', 'refused']);
});

describe('19. A call in an instance that is about to be stopped', () => {
  it('is cut in time and reported', async () => {
    const fleet = fleetOf(1, { callTimeoutMs: 2_000, reserveMs: 300 });
    const [instance] = fleet.instances as [Instance];
    const endMs = fleet.time.nowMs + 1_000;
    const remainingMs = () => endMs - fleet.time.nowMs;
    expect(await instance.call(HANG, { remainingMs })).toBe('timeout');
    expect(remainingMs()).toBeGreaterThan(250);
    expect(remainingMs()).toBeLessThan(300);
    expect(await fleet.item()).toMatchObject({ streakFailures: 1 });
  });

  it('is not made when there is no time for it', async () => {
    const fleet = fleetOf(1, { reserveMs: 300 });
    const [instance] = fleet.instances as [Instance];
    const startedAtMs = fleet.time.nowMs;
    expect(await instance.call(SUCCEED, { remainingMs: 300 })).toBe('timeout');
    expect(fleet.time.nowMs).toBe(startedAtMs);
    expect([instance.started, await fleet.item()]).toEqual([0, {}]);
  });

  it('is not made when reading the view has used up its time, and counts as nothing', async () => {
    const fleet = fleetOf(1, { reserveMs: 300 });
    const [instance] = fleet.instances as [Instance];
    instance.latencyMs = 400;
    const endMs = fleet.time.nowMs + 600;
    const remainingMs = () => endMs - fleet.time.nowMs;
    expect(await instance.call(SUCCEED, { remainingMs })).toBe('timeout');
    expect([instance.started, await fleet.item()]).toEqual([0, {}]);
  });

  it('is a failure of the fleet: three such calls in three instances trip the circuit', async () => {
    const fleet = fleetOf(3);
    for (const instance of fleet.instances) {
      expect(await instance.call(HANG, { remainingMs: 1_000 })).toBe('timeout');
      instance.kill();
    }
    expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
  });
});

describe('20. An instance that was frozen for an hour', () => {
  it.each([0, 250, 60_000])(
    'between two calls looks before its next: view TTL %i ms',
    async (viewTtlMs) => {
      const fleet = fleetOf(1, { viewTtlMs, openMs: 2 * 60 * MINUTE, maxOpenMs: 2 * 60 * MINUTE });
      const [frozen] = fleet.instances as [Instance];
      expect(await frozen.call(SUCCEED)).toBe('success');
      frozen.freeze(60 * MINUTE);
      await fleet.trip();
      await fleet.time.run(60 * MINUTE);
      expect(await frozen.call(SUCCEED)).toBe('refused');
    },
  );

  it('while open joins a fleet that has recovered', async () => {
    const fleet = fleetOf(2);
    const [frozen, other] = fleet.instances as [Instance, Instance];
    await fleet.trip();
    expect(await frozen.call(SUCCEED)).toBe('refused');
    frozen.freeze(60 * MINUTE);
    await fleet.time.run(6_000);
    expect(await other.call(SUCCEED)).toBe('success');
    await fleet.time.run(60 * MINUTE);
    expect(await frozen.call(SUCCEED)).toBe('success');
    expect(fleet.history).toEqual(['trip', 'claimProbe', 'recover']);
  });

  it('in the middle of a call reports nothing that counts any more', async () => {
    const fleet = fleetOf(1);
    const [frozen] = fleet.instances as [Instance];
    const call = frozen.begin({ does: 'fail', afterMs: 500 });
    await fleet.time.run(100);
    frozen.freeze(60 * MINUTE);
    await fleet.trip();
    await fleet.time.run(6_000);
    expect(await fleet.add().call(SUCCEED)).toBe('success');
    const recovered = await fleet.item();
    expect(await fleet.time.until(call, 2 * 60 * MINUTE)).toBe('failure');
    expect(await fleet.item()).toEqual(recovered);
  });

  it('with a read under way does not take that for the present', async () => {
    const fleet = fleetOf(1, { openMs: 2 * 60 * MINUTE, maxOpenMs: 2 * 60 * MINUTE });
    const [frozen] = fleet.instances as [Instance];
    const prefetched = frozen.breaker.prefetch();
    await fleet.time.run(3);
    frozen.freeze(60 * MINUTE);
    await fleet.trip();
    await fleet.time.run(60 * MINUTE);
    expect(await frozen.call(SUCCEED, { prefetched })).toBe('refused');
  });
});
