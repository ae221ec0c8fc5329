/** A store that refuses contacts for their rate. */
import { describe, expect, it } from 'vitest';
import type { FaultOf, Instance } from '../support/fleet.ts';
import { FAIL, fleetOf, NO_FAULT, SUCCEED } from './fleet-of.ts';

describe('While the store throttles', () => {
  it('an instance that fails twice in a row and cannot report it refuses calls for a second', async () => {
    const fleet = fleetOf(1);
    const [instance] = fleet.instances as [Instance];
    await instance.call(SUCCEED);
    instance.fault = (write) => (write ? 'throttled' : undefined);
    expect(await fleet.callInTurn(3, FAIL)).toEqual(['failure', 'failure', 'refused']);
    await fleet.time.run(1_000);
    expect(await fleet.callInTurn(2, FAIL)).toEqual(['failure', 'refused']);
    expect(instance.storeChanges).toEqual([]);
  });
});

it('While reads are throttled an instance reads less often, not more', async () => {
  const fleet = fleetOf(1, { viewTtlMs: 100 });
  const [a] = fleet.instances as [Instance];
  const readsIn = async (fault: FaultOf) => {
    let reads = 0;
    a.fault = (write) => {
      if (!write) reads++;
      return fault(write);
    };
    for (let i = 0; i < 640; i++) {
      await a.call({ ...SUCCEED, afterMs: 5 });
      await fleet.time.run(20);
    }
    return reads;
  };
  const usual = await readsIn(NO_FAULT);
  expect(await readsIn(() => 'throttled')).toBeLessThan(usual);
});
