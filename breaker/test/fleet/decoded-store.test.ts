/** The store of one circuit, whose items are circuits. */
import { expect, it } from 'vitest';
import { DecodedStore } from '../../src/fleet/decoded-store.ts';
import { ABSENT_CIRCUIT, type Item } from '../../src/protocol/circuit.ts';
import { openStreak } from '../../src/protocol/streak-writes.ts';
import { memoryStore } from '../../src/stores/memory-store.ts';
import { closed, context, FAILED, failing } from '../support/circuits.ts';

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
