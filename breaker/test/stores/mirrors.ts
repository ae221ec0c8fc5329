/** Copies of the circuit's item: what holds of them on every store. */
import { expect, it } from 'vitest';
import { MirroredStore } from '../../src/fleet/mirrored-store.ts';
import { ABSENT_CIRCUIT, type Circuit, type Item } from '../../src/protocol/circuit.ts';
import { advanceCopy, copyName, replaceCopy } from '../../src/protocol/copy.ts';
import { openStreak } from '../../src/protocol/streak-writes.ts';
import { close, trip } from '../../src/protocol/writes.ts';
import { closed, context, FAILED, failing, halfOpen, open, probing } from '../support/circuits.ts';
import { type Harness, newName, outcomeOf } from './harness.ts';

const MIRRORS = 3;
const later = { ...open, generation: 9 };
const forced = { ...closed, generation: 8, override: 'FORCED_OPEN', overrideUntilMs: 5 } as const;

const { streakScore: _score, streakReports: _reports, streakStartedAtMs: _at, ...calm } = failing;

export function mirrorsContract(harness: () => Harness): void {
  it.each<[string, Circuit, Item]>([
    ['OPEN', later, { ...later }],
    ['HALF_OPEN, with its probe', { ...probing, generation: 9 }, { ...probing, generation: 9 }],
    ['forced open', forced, { ...forced }],
    ['CLOSED, without its streak', { ...failing, generation: 9 }, { ...calm, generation: 9 }],
  ])('A copy of an earlier generation becomes %s', async (_, circuit, expected) => {
    const { store, put, get } = harness();
    const name = newName();
    for (const before of [closed, open, halfOpen, { ...failing, closedAtMs: 5 }]) {
      await put(name, before);
      expect((await store.write(name, advanceCopy(circuit))).applied).toBe(true);
      expect(await get(name)).toEqual(expected);
    }
  });

  it('A copy of the same or a later generation is left as it is, and a missing one is not made', async () => {
    const { store, put, get } = harness();
    const name = newName();
    for (const item of [
      { ...later, updatedBy: 'me' },
      { ...closed, generation: 10 },
    ]) {
      await put(name, item);
      const refused = await store.write(name, advanceCopy(later));
      expect(outcomeOf(refused)).toEqual({ applied: false, item });
    }
    await put(name, undefined);
    expect(await store.write(name, advanceCopy(later))).toEqual({
      applied: false,
      item: undefined,
    });
    expect(await get(name)).toBeUndefined();
  });

  it('A missing copy is made once, and a circuit without an item has copies, too', async () => {
    const { store, get } = harness();
    const name = newName();
    const made = await store.write(name, replaceCopy(ABSENT_CIRCUIT, undefined));
    expect(made.applied).toBe(true);
    expect(await get(name)).toEqual({ ...ABSENT_CIRCUIT, schemaVersion: 2 });
    expect((await store.write(name, replaceCopy(later, undefined))).applied).toBe(false);
  });

  it('A new generation is spread to every copy, whether it is there or not', async () => {
    const { harness: its, mirrored, name, copies } = mirroredOn(harness());
    await its.put(copyName(name, 1), closed);
    await its.put(copyName(name, 2), { ...closed, generation: 12 });
    await mirrored.spread(later);
    expect(await copies()).toEqual([later, { ...closed, generation: 12 }, later]);
  });

  it('Whatever instances spread at once, each copy ends with the latest generation', async () => {
    const { mirrored, copies } = mirroredOn(harness());
    const circuits = [11, 9, 12, 8, 10].map((generation) => ({ ...open, generation }));
    await Promise.all(circuits.map((circuit) => mirrored.spread(circuit)));
    expect(await copies()).toEqual(Array(MIRRORS).fill({ ...open, generation: 12 }));
  });

  it('The item is written as without copies, and none of them by what is no transition', async () => {
    const { harness: its, mirrored, name, copies } = mirroredOn(harness());
    const ctx = context();
    const written = await mirrored.write(openStreak(ABSENT_CIRCUIT, FAILED, ctx), false);
    expect(await its.get(name)).toEqual(written.circuit);
    expect(await copies()).toEqual(Array(MIRRORS).fill(undefined));
  });

  it('The copy that misled an instance is corrected when the item refuses its write', async () => {
    const { harness: its, mirrored, name, copies, settled } = mirroredOn(harness());
    await its.put(name, later);
    for (let number = 1; number <= MIRRORS; number++) await its.put(copyName(name, number), closed);
    const stale = await mirrored.read('any', () => ABSENT_CIRCUIT);
    expect(stale).toEqual(closed);
    const refused = await mirrored.write(
      trip({ ...failing, streakScore: 2 }, FAILED, context()),
      false,
    );
    expect(refused.applied).toBe(false);
    await settled();
    expect((await copies()).filter((copy) => copy?.state === 'OPEN')).toEqual([later]);
  });

  it('An item that was deleted takes a copy that is ahead of it back', async () => {
    const { harness: its, mirrored, name, copies, settled } = mirroredOn(harness());
    for (let number = 1; number <= MIRRORS; number++) await its.put(copyName(name, number), later);
    expect(await mirrored.read('any', () => ABSENT_CIRCUIT)).toEqual(later);
    await mirrored.write(close(later, 'mended', context()), false);
    await settled();
    const generations = (await copies()).map((copy) => copy?.generation);
    expect(generations.toSorted()).toEqual([0, 9, 9]);
    await mirrored.read('latest', () => ABSENT_CIRCUIT);
    expect(await its.get(name)).toBeUndefined();
  });
}

function mirroredOn(its: Harness) {
  const name = newName();
  const pending: Promise<unknown>[] = [];
  const store = {
    read: its.store.read,
    write: (...args: Parameters<typeof its.store.write>) => {
      const answer = its.store.write(...args);
      pending.push(answer.catch(() => {}));
      return answer;
    },
  };
  const mirrored = new MirroredStore({
    name,
    store,
    mirrors: MIRRORS,
    random: () => 0.5,
    clock: { now: () => 0, after: () => () => {} },
    storeBudget: { readMs: 60, writeMs: 120, connectMs: 500 },
  });
  const copies = () =>
    Promise.all(Array.from({ length: MIRRORS }, (_, i) => its.get(copyName(name, i + 1))));
  return { harness: its, mirrored, name, copies, settled: () => Promise.all(pending) };
}
