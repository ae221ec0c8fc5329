/** Copies of the item, over which the reads of a large fleet are spread. */
import { describe, expect, it } from 'vitest';
import { Fleet, type FleetInstance, type FleetOptions } from '../../simulation/fleet.ts';
import { copyName } from '../../src/protocol/copy.ts';

const FAIL = { does: 'fail' } as const;
const SUCCEED = { does: 'succeed' } as const;
const T = 3;
const MIRRORS = 4;

function fleetOf(count: number, options: FleetOptions = {}): Fleet {
  const fleet = new Fleet({ failureThreshold: T, failureRate: 1, mirrors: MIRRORS, ...options });
  fleet.addMany(count);
  return fleet;
}

const copiesOf = (fleet: Fleet) =>
  Promise.all(
    Array.from({ length: MIRRORS }, (_, i) => fleet.harness.get(copyName(fleet.name, i + 1))),
  );

/** Calls by all instances, again and again, until all of them have refused one. */
async function roundsUntilAllRefuse(fleet: Fleet, atMost: number): Promise<number> {
  for (let round = 1; round <= atMost; round++) {
    const answers = await fleet.callAll(FAIL);
    if (answers.every((answer) => answer === 'refused')) return round;
  }
  return Infinity;
}

/** An operator forces the circuit open with a tool that knows of no copies. */
async function forceOpenPastCopies(fleet: Fleet): Promise<void> {
  const operator = fleet.add({ mirrors: 0 });
  await fleet.time.until(operator.breaker.forceOpen('drill'));
  fleet.instances.pop();
}

describe('With copies of the item', () => {
  it('A healthy fleet makes each copy once, and then writes nothing', async () => {
    const fleet = fleetOf(30);
    for (let round = 0; round < 3; round++) await fleet.callAll(SUCCEED);
    const copies = await copiesOf(fleet);
    expect(copies.map((copy) => copy?.generation)).toEqual([0, 0, 0, 0]);
    const writes: string[] = [];
    for (const instance of fleet.instances)
      instance.fault = (write) => {
        if (write) writes.push(write.operation);
        return undefined;
      };
    for (let round = 0; round < 5; round++) await fleet.callAll(SUCCEED);
    expect(writes).toEqual([]);
    expect(await fleet.item()).toEqual({});
  });

  it('An outage trips the circuit once, every copy shows it, and one probe closes it', async () => {
    const fleet = fleetOf(40);
    expect(await roundsUntilAllRefuse(fleet, 10)).toBeLessThanOrEqual(8);
    expect(fleet.history).toEqual(['trip']);
    const { state, generation } = await fleet.item();
    for (const copy of await copiesOf(fleet)) expect(copy).toMatchObject({ state, generation });
    await fleet.time.run(6_000);
    const before = fleet.started;
    await fleet.callAll({ ...SUCCEED, afterMs: 300 });
    expect(fleet.started).toBe(before + 1);
    await fleet.time.run(100);
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
  });

  it('A cold instance that finds no copy asks the item, and makes no call while that is open', async () => {
    const fleet = fleetOf(20);
    await forceOpenPastCopies(fleet);
    expect(await copiesOf(fleet)).toEqual(Array(MIRRORS).fill(undefined));
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['refused']));
    await fleet.time.run(50);
    for (const copy of await copiesOf(fleet)) expect(copy).toMatchObject({ state: 'OPEN' });
  });

  it('Copies that have missed a transition are corrected by those who find out', async () => {
    const fleet = fleetOf(60);
    await fleet.callAll(SUCCEED);
    await forceOpenPastCopies(fleet);
    expect(await roundsUntilAllRefuse(fleet, 20)).toBeLessThanOrEqual(20);
    await fleet.time.run(5_000);
    await fleet.callAll(FAIL);
    await fleet.time.run(100);
    for (const copy of await copiesOf(fleet)) expect(copy).toMatchObject({ state: 'OPEN' });
  });

  it('An instance whose own calls all fail trips nothing while those of the others succeed', async () => {
    const fleet = fleetOf(20);
    const [bad, ...good] = fleet.instances as [FleetInstance, ...FleetInstance[]];
    for (let round = 0; round < 40; round++) {
      const calls = [bad.begin(FAIL), ...good.map((instance) => instance.begin(SUCCEED))];
      expect(await fleet.time.until(Promise.all(calls))).not.toContain('refused');
      await fleet.time.run(100);
    }
    expect(await fleet.item()).toMatchObject({ state: 'CLOSED', generation: 0 });
  });

  it('An override reaches every copy, and every instance obeys within 5 s', async () => {
    const fleet = fleetOf(20);
    await fleet.callAll(SUCCEED);
    const [operator] = fleet.instances as [FleetInstance];
    await fleet.time.until(operator.breaker.forceOpen('drill'));
    for (const copy of await copiesOf(fleet))
      expect(copy).toMatchObject({ override: 'FORCED_OPEN' });
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['refused']));
    await fleet.time.until(operator.breaker.close('mended'));
    await fleet.time.run(5_000);
    expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
  });

  it('A copy edited into nonsense is written anew, and stops nobody', async () => {
    const fleet = fleetOf(20);
    await fleet.callAll(SUCCEED);
    const edited = copyName(fleet.name, 2);
    await fleet.harness.put(edited, { ...(await fleet.harness.get(edited)), state: 'AJAR' });
    for (let round = 0; round < 3; round++)
      expect(new Set(await fleet.callAll(SUCCEED))).toEqual(new Set(['success']));
    expect(await fleet.harness.get(edited)).toMatchObject({ state: 'CLOSED', generation: 0 });
    expect(fleet.instances.flatMap(({ storeChanges }) => storeChanges)).toEqual([]);
  });

  it.each(['down', 'silent', 'throttled', 'slow'] as const)(
    'A copy that cannot be written (%s) delays the caller by one write at the most',
    async (fault) => {
      const fleet = fleetOf(1);
      const [operator] = fleet.instances as [FleetInstance];
      let copiesWritten = 0;
      operator.fault = (write) => {
        if (write?.operation !== 'copy') return undefined;
        copiesWritten++;
        return fault;
      };
      const beganAtMs = fleet.time.elapsedMs;
      await fleet.time.until(operator.breaker.forceOpen('drill'));
      expect(fleet.time.elapsedMs - beganAtMs).toBeLessThanOrEqual(130);
      expect(copiesWritten).toBeGreaterThan(0);
      expect(operator.storeChanges).toEqual([]);
      expect(fleet.history).toEqual(['override']);
    },
  );
});
