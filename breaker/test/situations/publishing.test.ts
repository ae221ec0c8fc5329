/** Each transition is published once, by the instance whose write made it. */
import { describe, expect, it } from 'vitest';
import { Fleet, type FleetInstance } from '../../simulation/fleet.ts';
import type { Item } from '../../src/protocol/circuit.ts';
import { memoryHarness } from '../stores/harness.ts';
import { FAIL, fleetOf, NO_FAULT, SUCCEED, THRESHOLD } from './fleet-of.ts';

it('Every transition is published once, on the instance whose write made it', async () => {
  const fleet = fleetOf(20, { openMs: 1_000, maxOpenMs: 2_000 });
  for (let round = 0; round < 60; round++) {
    await fleet.callAll(round < 40 ? FAIL : SUCCEED);
    await fleet.time.run(200);
  }
  fleet.monitor.checkPublished();
  expect(fleet.monitor.problems).toEqual([]);
  const { generation, state } = await fleet.item();
  expect(state).toBe('CLOSED');
  expect(fleet.published.map((transition) => transition.generation)).toEqual(
    Array.from({ length: Number(generation) }, (_, i) => i + 1),
  );
  expect(new Set(fleet.history)).toEqual(new Set(['trip', 'claimProbe', 'reopen', 'recover']));
});

describe('A transition whose answers are all lost', () => {
  it('is published once, when its writer observes it in the item', async () => {
    const fleet = fleetOf(1, { openMs: 60_000, maxOpenMs: 60_000 });
    const [writer] = fleet.instances as [FleetInstance];
    writer.fault = (write) => (write?.operation === 'trip' ? 'answerLost' : undefined);
    await fleet.callInTurn(THRESHOLD, FAIL);
    expect(fleet.history).toEqual([]);
    writer.fault = NO_FAULT;
    await fleet.time.run(5_000);
    expect(await writer.call(SUCCEED)).toBe('refused');
    expect(fleet.history).toEqual(['trip']);
  });

  it('is published even if another call finds the store out of reach before the write is repeated', async () => {
    const fleet = fleetOf(1, { failureThreshold: 1 });
    const [writer] = fleet.instances as [FleetInstance];
    await writer.call(SUCCEED);
    const call = writer.begin(FAIL);
    await fleet.time.run(23);
    writer.fault = (write) => (write ? 'answerLost' : 'silent');
    await fleet.time.until(Promise.all([call, writer.begin(SUCCEED)]));
    expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
    writer.fault = NO_FAULT;
    await fleet.time.run(5_100);
    await writer.call(SUCCEED);
    expect(fleet.history.slice(0, 1)).toEqual(['trip']);
  });

  it('is not published if it was not made', async () => {
    const fleet = fleetOf(1);
    const [writer] = fleet.instances as [FleetInstance];
    writer.fault = (write) => (write?.operation === 'trip' ? 'silent' : undefined);
    await fleet.callInTurn(THRESHOLD, FAIL);
    writer.fault = NO_FAULT;
    await fleet.time.run(5_000);
    await writer.call(SUCCEED);
    expect(fleet.history).toEqual([]);
  });
});

describe('A trip whose answers were all lost is published once', () => {
  async function tripUnobserved(fleet: Fleet): Promise<FleetInstance> {
    const instance = fleet.add();
    instance.fault = (write) => (write?.operation === 'trip' ? 'answerLost' : undefined);
    await instance.call(FAIL);
    instance.fault = NO_FAULT;
    return instance;
  }
  const observed = async (fleet: Fleet, instance: FleetInstance) => {
    await fleet.time.run(300);
    await fleet.time.until(instance.breaker.status());
    expect(fleet.history).toEqual(['trip']);
  };

  it('though it is observed again after another outage', async () => {
    const fleet = new Fleet({ failureThreshold: 1, openMs: 1_000 });
    const instance = await tripUnobserved(fleet);
    await observed(fleet, instance);
    instance.fault = () => 'down';
    await fleet.time.run(6_000);
    for (const passedMs of [2_000, 60_000]) {
      await instance.call(FAIL);
      await fleet.time.run(passedMs);
    }
    instance.fault = NO_FAULT;
    await observed(fleet, instance);
  });

  it('though the item that it left is edited manually', async () => {
    const fleet = new Fleet({ failureThreshold: 1, openMs: 60_000 });
    const instance = await tripUnobserved(fleet);
    await observed(fleet, instance);
    await fleet.edit({ state: 'CLOSED', generation: 2 });
    await observed(fleet, instance);
  });

  it('though the first read after it does not show it yet', async () => {
    const harness = memoryHarness();
    let isLate = true;
    const read = async (name: string, { consistent }: { consistent: boolean }) =>
      isLate && !consistent ? undefined : ((await harness.get(name)) as Item | undefined);
    const store = { ...harness.store, read };
    const fleet = new Fleet({ failureThreshold: 1, openMs: 60_000 }, { ...harness, store });
    const instance = await tripUnobserved(fleet);
    await fleet.time.run(5_000);
    await instance.call(SUCCEED);
    isLate = false;
    await observed(fleet, instance);
  });
});

it('A trip whose answer is lost and whose repeat is throttled is published when its writer observes it', async () => {
  const fleet = fleetOf(1, { failureThreshold: 1 });
  const [a] = fleet.instances as [FleetInstance];
  let writes = 0;
  a.fault = (write) => (write ? (writes++ === 0 ? 'answerLost' : 'throttled') : undefined);
  await a.call(FAIL);
  a.fault = NO_FAULT;
  await fleet.time.run(2_000);
  await a.call(SUCCEED);
  expect(fleet.history).toEqual(['trip']);
});

it('A trip whose answer is lost is published though the answer to a later write is lost, too', async () => {
  const fleet = fleetOf(1, { failureThreshold: 2 });
  const [a] = fleet.instances as [FleetInstance];
  await a.call(FAIL);
  a.fault = (write) => (write ? 'answerLost' : undefined);
  const calls = [a.begin({ ...FAIL, afterMs: 300 }), a.begin({ ...SUCCEED, afterMs: 300 })];
  await fleet.time.until(Promise.all(calls));
  a.fault = NO_FAULT;
  expect(await fleet.item()).toMatchObject({ state: 'OPEN' });
  await fleet.time.run(6_000);
  await a.call(SUCCEED);
  expect(fleet.history.slice(0, 1)).toEqual(['trip']);
});

it('Transitions are published after the item was deleted, too', async () => {
  const fleet = fleetOf(1, { failureThreshold: 1 });
  const [a] = fleet.instances as [FleetInstance];
  await a.call(FAIL);
  await fleet.time.run(6_000);
  await a.call(SUCCEED);
  await fleet.harness.put(fleet.name, undefined);
  await a.call(FAIL);
  await a.call(FAIL);
  expect(await fleet.item()).toMatchObject({ state: 'OPEN', generation: 1 });
  expect(fleet.history).toEqual(['trip', 'claimProbe', 'recover', 'trip']);
});
