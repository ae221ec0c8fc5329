/** An item with copies, over which reads are spread. */
import { describe, expect, it } from 'vitest';
import type { ReadKind } from '../../src/fleet/mirrored-store.ts';
import { ABSENT_CIRCUIT, type Circuit } from '../../src/protocol/circuit.ts';
import { trip } from '../../src/protocol/writes.ts';
import { closed, context, FAILED, failing, open } from '../support/circuits.ts';
import { DRAW, mirroredStore } from '../support/mirrored-store.ts';

const due = { ...failing, streakScore: 2 };
const tripping = trip(due, FAILED, context());
const of = (generation: number) => ({ ...closed, generation });

describe('What is read', () => {
  it.each<[string, ReadKind, number, string]>([
    ['the latest item', 'latest', 0.99, 'read latest item'],
    ['the item', 'item', 0.99, 'read item'],
    ['the item, too, if that is drawn', 'any', 0.33, 'read item'],
    ['the first copy, if that is drawn', 'any', 0.34, 'read copy 1'],
    ['the last copy, if that is drawn', 'any', 0.99, 'read copy 2'],
  ])('is %s', async (_, kind, draw, expected) => {
    const { mirrored, readAny, log } = mirroredStore({ copies: [closed, closed] });
    if (kind === 'any') await readAny(draw, closed);
    else await mirrored.read(kind, () => closed);
    expect(log).toEqual([expected]);
  });

  it('is the item where there are no copies', async () => {
    const { readAny, log } = mirroredStore({ mirrors: 0 });
    expect([await readAny(0.99, closed), log]).toEqual([closed, ['read item']]);
  });
});

describe('A copy', () => {
  it.each<[string, object | undefined, Circuit, Circuit | undefined]>([
    ['of the known generation shows that what is known stands', closed, failing, failing],
    ['of another generation shows its own circuit', open, { ...failing, generation: 6 }, open],
    ['shows its own circuit where nothing is known', of(0), ABSENT_CIRCUIT, of(0)],
    ['that is missing shows nothing', undefined, failing, undefined],
    ['that makes no sense shows nothing', { ...closed, state: 'AJAR' }, failing, undefined],
  ])('%s', async (_, copy, known, expected) => {
    const { readAny } = mirroredStore({ copies: [copy] });
    expect(await readAny(DRAW.copy1, known)).toEqual(expected);
  });

  it('thins the reports of those that it admits, until the item is seen', async () => {
    const { mirrored, readAny } = mirroredStore({ copies: [closed, closed] });
    const seen = () => [mirrored.wasCopyLatest, mirrored.reportsOneIn];
    const byItem = [false, 1];
    const byCopy = [true, 36];
    expect(seen()).toEqual(byItem);
    for (const see of [
      () => mirrored.read('item', () => closed),
      () => mirrored.read('latest', () => closed),
      () => readAny(DRAW.item, closed),
      () => mirrored.write(tripping, false),
    ]) {
      await readAny(DRAW.copy1, closed);
      expect(seen()).toEqual(byCopy);
      await see();
      expect(seen()).toEqual(byItem);
    }
  });
});

describe('The copy that was read last', () => {
  it.each<[string, object | undefined, object | undefined]>([
    ['is brought up to the item', of(6), closed],
    ['is taken back if it is ahead of the item, which was reset', of(8), closed],
    ['is made if it is missing', undefined, closed],
    ['is made anew if its state makes no sense', { ...closed, state: 'AJAR' }, closed],
    ['is made anew if its generation is a word', { ...closed, generation: 'x' }, closed],
  ])('%s', async (_, copy, expected) => {
    for (const by of ['the latest item', 'a write that it refuses'] as const) {
      const { mirrored, time, readAny, readLatest, log, ...its } = mirroredStore({
        copies: [copy, of(6)],
      });
      await readAny(DRAW.copy1, of(6));
      log.length = 0;
      if (by === 'the latest item') await readLatest();
      else await mirrored.write(trip({ ...due, generation: 6 }, FAILED, context()), false);
      await time.run(0);
      const contact = by === 'the latest item' ? 'read latest item' : 'write item';
      expect(log).toEqual([contact, 'write copy 1']);
      expect(its.copy(1)).toEqual(expected);
    }
  });

  it.each<[string, object]>([
    ['is as the item', closed],
    ['has a generation that no condition can compare', { ...closed, generation: true }],
  ])('is left alone if it %s', async (_, copy) => {
    const { readAny, readLatest, log } = mirroredStore({ copies: [copy] });
    await readAny(DRAW.copy1, of(6));
    await readLatest();
    expect(log).toEqual(['read copy 1', 'read latest item']);
  });

  it.each<[string, object, object, object]>([
    ['is brought up to the item though another has changed it since', of(5), of(6), closed],
    ['is not taken back if another has changed it since', of(8), of(9), of(9)],
  ])('%s', async (_, copy, later, expected) => {
    const { readAny, readLatest, put, ...its } = mirroredStore({ copies: [copy] });
    await readAny(DRAW.copy1, closed);
    put(1, later);
    await readLatest();
    expect(its.copy(1)).toEqual(expected);
  });

  it('is corrected once', async () => {
    const { readAny, readLatest, log } = mirroredStore({ copies: [of(6)] });
    await readAny(DRAW.copy1, closed);
    await readLatest();
    await readLatest();
    expect(log.filter((contact) => contact.startsWith('write'))).toEqual(['write copy 1']);
  });

  it('is corrected though another was read before the item was there', async () => {
    const { mirrored, readAny, readLatest, itemTakes, time, ...its } = mirroredStore({
      copies: [of(6), of(6)],
    });
    await readAny(DRAW.copy1, closed);
    itemTakes(10);
    const latest = mirrored.read('latest', () => closed);
    await readAny(DRAW.copy2, closed);
    await time.until(latest);
    expect([its.copy(1), its.copy(2)]).toEqual([closed, of(6)]);
    await readLatest();
    expect(its.copy(2)).toEqual(closed);
  });

  it('may fail to be corrected, which stops nobody', async () => {
    const { readAny, readLatest, faults, ...its } = mirroredStore({ copies: [of(6)] });
    await readAny(DRAW.copy1, closed);
    faults.push('down');
    await readLatest();
    expect(its.copy(1)).toEqual(of(6));
  });

  it('is not corrected by a write that the item accepts', async () => {
    const { mirrored, readAny, time, log } = mirroredStore({ item: due, copies: [of(6)] });
    await readAny(DRAW.copy1, due);
    expect(await mirrored.write(tripping, false)).toMatchObject({ applied: true });
    await time.run(0);
    expect(log).toEqual(['read copy 1', 'write item']);
  });
});

describe('A new generation', () => {
  const next = { ...open, generation: 8 };

  it('is spread to every copy that is missing or behind', async () => {
    const { mirrored, log, timers, time, ...its } = mirroredStore({ copies: [of(7), undefined] });
    await time.until(mirrored.spread(next));
    expect([its.copy(1), its.copy(2)]).toEqual([next, next]);
    expect(log).toEqual(['write copy 1', 'write copy 2', 'write copy 2']);
    expect(timers.size).toBe(0);
  });

  it.each([8, 9])('leaves a copy of generation %i alone', async (generation) => {
    const { mirrored, log, time, ...its } = mirroredStore({ mirrors: 1, copies: [of(generation)] });
    await time.until(mirrored.spread(next));
    expect([its.copy(1), log]).toEqual([of(generation), ['write copy 1']]);
  });

  it('is tried three times on a copy that cannot be written', async () => {
    const { mirrored, log, faults, time, ...its } = mirroredStore({ mirrors: 1, copies: [of(7)] });
    faults.push('down', 'down', 'down');
    await time.until(mirrored.spread(next));
    expect([its.copy(1), log]).toEqual([of(7), Array(3).fill('write copy 1')]);
  });

  it('is spread by the third attempt', async () => {
    const { mirrored, faults, time, ...its } = mirroredStore({ mirrors: 1, copies: [of(7)] });
    faults.push('down', 'down');
    await time.until(mirrored.spread(next));
    expect(its.copy(1)).toEqual(next);
  });

  it('is spread to a missing copy that cannot be made at once', async () => {
    const { mirrored, log, faults, time, ...its } = mirroredStore({ mirrors: 1 });
    faults.push({}, 'down');
    await time.until(mirrored.spread(next));
    expect([its.copy(1), log]).toEqual([next, Array(4).fill('write copy 1')]);
    expect(time.elapsedMs).toBe(0);
  });

  it('is spread to a copy that a reader makes meanwhile, of an earlier generation', async () => {
    const { mirrored, log, faults, put, time, ...its } = mirroredStore({ mirrors: 1 });
    faults.push({}, { before: () => put(1, of(6)) });
    await time.until(mirrored.spread(next));
    expect([its.copy(1), log]).toEqual([next, Array(3).fill('write copy 1')]);
  });

  it('is spread to a copy that was missing, and is there when the store looks why', async () => {
    const { mirrored, log, faults, put, time, ...its } = mirroredStore({ mirrors: 1 });
    put(1, of(6));
    faults.push({ answers: { applied: false, item: of(6) } });
    await time.until(mirrored.spread(next));
    expect([its.copy(1), log]).toEqual([next, Array(2).fill('write copy 1')]);
  });

  it('is waited for no longer than a write may take', async () => {
    const { mirrored, faults, time } = mirroredStore({ mirrors: 1, copies: [of(7)] });
    faults.push('silent');
    await time.until(mirrored.spread(next));
    expect(time.elapsedMs).toBe(120);
  });

  it('leaves nothing to correct in the copy that was read before', async () => {
    const { mirrored, readAny, readLatest, time, log } = mirroredStore({ copies: [of(6), of(6)] });
    await readAny(DRAW.copy1, closed);
    await time.until(mirrored.spread(next));
    log.length = 0;
    await readLatest();
    expect(log).toEqual(['read latest item']);
  });
});
