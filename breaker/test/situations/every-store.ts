/** The situations in which the store itself matters: run on the memory store and on every engine. */
import { expect, it } from 'vitest';
import { Fleet, type FleetOptions } from '../../simulation/fleet.ts';
import { MALFORMED } from '../stores/cases.ts';
import type { Harness } from '../stores/harness.ts';

const HANG = { does: 'hang' } as const;
const FAIL = { does: 'fail' } as const;
const SUCCEED = { does: 'succeed' } as const;
const T = 3;

export function everyStoreSituations(harness: () => Harness): void {
  const fleetOf = (count: number, options: FleetOptions = {}): Fleet => {
    const fleet = new Fleet({ failureThreshold: T, ...options }, harness());
    fleet.addMany(count);
    return fleet;
  };

  it('Fifty calls in flight that fail together trip the circuit once', async () => {
    const fleet = fleetOf(50);
    expect(new Set(await fleet.callAll(HANG))).toEqual(new Set(['timeout']));
    expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
    expect(fleet.history).toEqual(['trip']);
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['refused']));
    expect(fleet.started).toBe(50);
  });

  it('A slow success that began before the trip and lands after it leaves the circuit open', async () => {
    const fleet = fleetOf(1);
    const slow = fleet.add().begin({ ...SUCCEED, afterMs: 1_500 });
    expect(await fleet.callInTurn(T, FAIL, fleet.instances.slice(0, 1))).not.toContain('refused');
    const tripped = await fleet.item();
    expect(tripped).toMatchObject({ state: 'OPEN' });
    expect(await fleet.time.until(slow)).toBe('success');
    expect(await fleet.item()).toEqual(tripped);
  });

  it('Fifty instances at the end of the open period make one call', async () => {
    const fleet = fleetOf(50);
    await fleet.trip();
    await fleet.callAll(SUCCEED);
    expect(fleet.started).toBe(T);
    await fleet.time.run(5_800);
    const answers = await fleet.callAll({ ...SUCCEED, afterMs: 300 });
    expect(answers.filter((answer) => answer !== 'refused')).toEqual(['success']);
    expect(fleet.started).toBe(T + 1);
    expect(fleet.history).toEqual(['trip', 'claimProbe', 'recover']);
  });

  it('A probe that outlives its lease and then fails leaves a recovered circuit closed', async () => {
    const fleet = fleetOf(2);
    const [late, other] = fleet.instances;
    await fleet.trip();
    await fleet.time.run(5_800);
    const probe = late?.begin({ ...FAIL, afterMs: 500 });
    await fleet.time.run(100);
    late?.freeze(10_000);
    await fleet.time.run(4_000);
    expect(await other?.call(SUCCEED)).toBe('success');
    const recovered = await fleet.item();
    expect(recovered).toMatchObject({ state: 'CLOSED' });
    expect(await fleet.time.until(probe ?? Promise.reject())).toBe('failure');
    expect(await fleet.item()).toEqual(recovered);
    expect(fleet.history).toEqual(['trip', 'claimProbe', 'takeOverProbe', 'recover']);
  });

  it('A trip whose answer is lost is one trip, published once', async () => {
    const fleet = fleetOf(1);
    let lost = 0;
    for (const instance of fleet.instances)
      instance.fault = (write) =>
        write?.operation === 'trip' && lost++ === 0 ? 'answerLost' : undefined;
    await fleet.callInTurn(T, FAIL);
    expect(lost).toBe(2);
    expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
    expect(fleet.history).toEqual(['trip']);
  });

  it('A failure whose answer is lost is counted once', async () => {
    const fleet = fleetOf(1, { failureThreshold: 5 });
    const [instance] = fleet.instances;
    await instance?.call(FAIL);
    if (instance) instance.fault = (write) => (write ? 'answerLost' : undefined);
    await instance?.call(FAIL);
    expect(await fleet.item()).toMatchObject({ state: 'CLOSED', streakScore: 2 });
  });

  it.each(MALFORMED)(
    'An item edited into nonsense ($title) stops neither calls nor, once deleted, operators',
    async ({ item }) => {
      const fleet = fleetOf(2);
      const [instance] = fleet.instances;
      await instance?.call(FAIL);
      await fleet.harness.put(fleet.name, item);
      expect(await fleet.callAll(SUCCEED)).toEqual(['success', 'success']);
      expect(instance?.storeChanges).toMatchObject([
        { available: false, error: { kind: 'malformed' } },
      ]);
      const operator = fleet.add().breaker;
      const refused = { name: 'StoreError', kind: 'malformed' };
      const forced = fleet.time.until(operator.forceOpen('unread'));
      await expect(forced).rejects.toMatchObject(refused);
      expect(await fleet.item()).toEqual(item);
      await fleet.harness.put(fleet.name, undefined);
      await fleet.time.until(operator.forceOpen('mended'));
      expect(await fleet.item()).toMatchObject({ override: 'FORCED_OPEN', reason: 'mended' });
      await fleet.time.run(30_000);
      expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['refused']));
      await fleet.time.until(operator.release());
      await fleet.time.run(5_000);
      expect(await instance?.call(SUCCEED)).toBe('success');
      expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
    },
  );
}
