/** What an instance writes, and what it does when that fails. */
import { describe, expect, it } from 'vitest';
import { Fleet } from '../../simulation/fleet.ts';
import type { Fault } from '../../simulation/store-path.ts';
import type { Item } from '../../src/protocol/circuit.ts';
import { type Harness, memoryHarness } from '../stores/harness.ts';
import { due, instanceOf, together } from '../support/contacts.ts';

const FAIL = { does: 'fail' } as const;
const SUCCEED = { does: 'succeed' } as const;

describe('Writes', () => {
  it('of two calls of one instance at once count both', async () => {
    const fleet = new Fleet({ failureThreshold: 3 });
    const instance = fleet.add();
    await instance.call(FAIL);
    await together(fleet, instance.begin(FAIL), instance.begin(FAIL));
    expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
  });

  it('that succeed again end the back-off that failed ones have built up', async () => {
    const fleet = new Fleet();
    const { instance, contacts, plan } = instanceOf(fleet);
    plan('openStreak', ...Array<Fault>(6).fill('down'));
    for (let i = 0; i < 7; i++) {
      await instance.call(FAIL);
      await fleet.time.run(30_000);
    }
    plan('read', 'down');
    await instance.call(SUCCEED);
    expect(instance.isOut).toBe(true);
    await fleet.time.run(250);
    await instance.call(SUCCEED);
    expect(contacts.slice(-2).map(({ what }) => what)).toEqual(['read', 'read']);
    expect(instance.isOut).toBe(false);
  });

  it('that find their own result, but that of another call, are one transition, published once', async () => {
    const fleet = new Fleet({ failureThreshold: 1 });
    const { instance, count, plan } = instanceOf(fleet);
    plan('trip', undefined, 'down');
    await together(fleet, instance.begin(FAIL), instance.begin(FAIL));
    expect(count('trip')).toBe(3);
    expect(fleet.history).toEqual(['trip']);
  });

  it("that find another instance's result at the same moment do not take it for their own", async () => {
    const fleet = new Fleet({ failureThreshold: 1 });
    const { instance, count, plan } = instanceOf(fleet);
    plan('trip', 'down');
    const other = fleet.add();
    await together(fleet, instance.begin(FAIL), other.begin(FAIL));
    expect(count('trip')).toBe(2);
    expect(fleet.published.map(({ by }) => by)).toEqual([other.id]);
  });

  it('of a probe that find the probe of another call do not take it for their own', async () => {
    const { fleet, instance, count, plan } = await due();
    plan('claimProbe', undefined, 'down');
    const answers = await together(fleet, instance.begin(SUCCEED), instance.begin(SUCCEED));
    expect(count('claimProbe')).toBe(3);
    expect(answers).toEqual(['success', 'refused']);
    expect(instance.started).toBe(1);
  });

  it('of a probe that are refused because the item was deleted let the call through', async () => {
    const { fleet, instance } = await due();
    instance.fault = (write) => {
      if (write?.operation === 'claimProbe') fleet.harness.put(fleet.name, undefined);
      return undefined;
    };
    expect(await instance.call(SUCCEED)).toBe('success');
    expect(fleet.history).toEqual(['trip']);
  });

  it('of a probe whose answer was lost are published once, whatever happens before it is observed again', async () => {
    const { fleet, instance, plan } = await due();
    plan('claimProbe', 'answerLost');
    const probe = instance.begin({ ...SUCCEED, afterMs: 500 });
    // The first write may take half a second, and is then repeated.
    await fleet.time.run(700);
    plan('read', 'down');
    expect(await together(fleet, instance.begin(SUCCEED), probe)).toEqual(['refused', 'success']);
    expect(instance.isOut).toBe(true);
    await fleet.time.run(300);
    await instance.call(SUCCEED);
    expect(instance.isOut).toBe(false);
    expect(fleet.history).toEqual(['trip', 'claimProbe']);
  });

  it('of a probe that are refused twice, at last by a closed circuit, let the call through', async () => {
    const { fleet, instance } = await due();
    const { generation, ...open } = await fleet.item();
    const next = [{ ...open, generation: Number(generation) + 2 }, undefined];
    instance.fault = (write) => {
      if (write?.operation === 'claimProbe') fleet.harness.put(fleet.name, next.shift());
      return undefined;
    };
    expect(await instance.call(SUCCEED)).toBe('success');
    expect(next).toEqual([]);
  });

  it('of a probe that are refused by what they ask for are made twice at most', async () => {
    const harness = memoryHarness();
    const { store, get } = harness;
    const write: typeof store.write = async (name, asked) =>
      asked.operation === 'claimProbe'
        ? { applied: false, item: await get(name) }
        : store.write(name, asked);
    const fleet = new Fleet({ openMs: 1_000 }, { ...harness, store: { ...store, write } });
    await fleet.trip();
    await fleet.time.run(2_000);
    const { instance, count } = instanceOf(fleet);
    expect(await instance.call(SUCCEED)).toBe('refused');
    expect(count('claimProbe')).toBe(2);
  });

  it('of a probe report it though a late read has shown what was before it', async () => {
    const harness = memoryHarness();
    let late: Item | undefined;
    const read: Harness['store']['read'] = async (name) => late ?? harness.get(name);
    const fleet = new Fleet(
      { failureThreshold: 1, probes: { max: 2, need: 2 } },
      { ...harness, store: { ...harness.store, read } },
    );
    await fleet.trip();
    await fleet.time.run(60_000);
    const { instance } = instanceOf(fleet);
    await instance.call(SUCCEED);
    const between = await fleet.item();
    const second = instance.begin({ ...SUCCEED, afterMs: 200 });
    await fleet.time.run(100);
    late = between;
    expect(await instance.call(SUCCEED)).toBe('refused');
    late = undefined;
    expect(await fleet.time.until(second)).toBe('success');
    expect(await fleet.item()).toMatchObject({ state: 'CLOSED' });
  });

  it('of a probe that are throttled refuse the call and are not made again', async () => {
    const { instance, count, plan } = await due();
    plan('claimProbe', 'throttled');
    expect(await instance.call(SUCCEED)).toBe('refused');
    expect(count('claimProbe')).toBe(1);
    expect(await instance.call(SUCCEED)).toBe('success');
  });

  it('that report a success and are throttled refuse no call', async () => {
    const fleet = new Fleet({ failureThreshold: 3 });
    const { instance, count, plan } = instanceOf(fleet);
    plan('clearStreak', 'throttled');
    await instance.call(FAIL);
    await instance.call(SUCCEED);
    expect(count('clearStreak')).toBe(1);
    expect(await instance.call(SUCCEED)).toBe('success');
  });

  it('of an operator that are refused are made again, on what refused them', async () => {
    const fleet = new Fleet();
    const [a, b] = [instanceOf(fleet), instanceOf(fleet)];
    await together(fleet, a.instance.breaker.forceOpen('a'), b.instance.breaker.forceClosed('b'));
    expect(fleet.history).toEqual(['override', 'override']);
    expect(a.count('override') + b.count('override')).toBe(3);
    expect(await fleet.item()).toMatchObject({ generation: 2 });
  });
});
