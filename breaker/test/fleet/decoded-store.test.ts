/** The store of one circuit, whose items are circuits. */
import { expect, it } from 'vitest';
import { DecodedStore } from '../../src/fleet/decoded-store.ts';
import { ABSENT_CIRCUIT, type Item } from '../../src/protocol/circuit.ts';
import { openStreak } from '../../src/protocol/streak-writes.ts';
import { claimProbe } from '../../src/protocol/writes.ts';
import { memoryStore } from '../../src/stores/memory-store.ts';
import { closed, context, FAILED, failing, open } from '../support/circuits.ts';

const openStreakOnClosed = openStreak(closed, FAILED, context());

function storeOf(item: object | undefined) {
  const memory = memoryStore();
  const reads: unknown[] = [];
  if (item) memory.items.set('x', item as Item);
  const store = {
    read: (name: string, how: { readonly consistent: boolean }) => {
      reads.push([name, how]);
      return memory.read(name, how);
    },
    write: memory.write,
  };
  return { decoded: new DecodedStore({ name: 'x', store }), memory, reads };
}

it.each([true, false])('A read asks for the item as consistently as it should: %s', async (how) => {
  const { decoded, reads } = storeOf({ ...failing, note: 'unknown' });
  expect(await decoded.read(how)).toEqual(failing);
  expect(reads).toEqual([['x', { consistent: how }]]);
});

it('No item is the absent circuit', async () => {
  expect(await storeOf(undefined).decoded.read(true)).toBe(ABSENT_CIRCUIT);
});

it.each([true, false])(
  'A write answers with the circuit and the attempt: repeat %s',
  async (isRepeat) => {
    const { decoded, memory } = storeOf(closed);
    const applied = await decoded.write(openStreakOnClosed, isRepeat);
    expect(applied).toEqual({ applied: true, circuit: memory.items.get('x'), isRepeat });
    const refused = await decoded.write(openStreakOnClosed, isRepeat);
    expect(refused).toEqual({ applied: false, circuit: applied.circuit, isRepeat });
  },
);

it('An item that makes no sense is an error that names what does not', async () => {
  const { decoded } = storeOf({ ...closed, state: 'AJAR' });
  const expected = {
    name: 'StoreError',
    kind: 'malformed',
    message: 'The circuit\'s item makes no sense: state = "AJAR"',
  };
  await expect(decoded.read(true)).rejects.toMatchObject(expected);
  await expect(decoded.write(openStreakOnClosed, false)).rejects.toMatchObject(expected);
});

const ofSchema1 = { schemaVersion: 1, state: 'CLOSED', generation: 7, streakId: 4, reopenings: 0 };
const earlier = { ...ofSchema1, updatedBy: 'another', reason: 'as it is', updatedAt: 1 };

it('An item of an earlier schema is replaced by whoever reads it', async () => {
  const { decoded, memory } = storeOf(earlier);
  const circuit = await decoded.read(false);
  expect(circuit).toMatchObject({ state: 'CLOSED', generation: 8 });
  expect(memory.items.get('x')).toEqual(circuit);
});

it('An item of an earlier schema is replaced by whoever is refused by it', async () => {
  const { decoded, memory } = storeOf(earlier);
  const claim = claimProbe(open, context());
  const { applied, circuit } = await decoded.write(claim, false);
  expect(applied).toBe(false);
  expect(memory.items.get('x')).toEqual(circuit);
});

it.each([
  [4, 'replaced in the end'],
  [5, 'given up for now'],
])('An item of an earlier schema that is written %s times meanwhile is %s', async (times) => {
  const { memory } = storeOf(earlier);
  let writes = 0;
  const write: typeof memory.write = async (name, made) => {
    writes++;
    // An instance of the earlier version is faster.
    if (writes <= times) memory.items.set(name, { ...earlier, updatedAt: writes + 1 });
    return memory.write(name, made);
  };
  const read = new DecodedStore({ name: 'x', store: { read: memory.read, write } }).read(true);
  if (times < 5) await expect(read).resolves.toMatchObject({ generation: 8 });
  else await expect(read).rejects.toMatchObject({ kind: 'malformed' });
  expect(writes).toBe(5);
});
