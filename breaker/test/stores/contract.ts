/** What every store must do, for every write of the protocol. */

import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors.ts';
import { applyWrite } from '../../src/protocol/apply-write.ts';
import { ABSENT_CIRCUIT, type Circuit, type Item } from '../../src/protocol/circuit.ts';
import type { DecisionContext } from '../../src/protocol/context.ts';
import { countFailure, openStreak } from '../../src/protocol/streak-writes.ts';
import { circuitOf, FAILED } from '../support/circuits.ts';
import { CASES, type Case, FAILING, MALFORMED, ME, NOW } from './cases.ts';
import { type Harness, newName, outcomeOf, withoutKey } from './harness.ts';

const WRITERS = 100;
const ITEM_LIMIT_BYTES = 1_024;

export function storeContract(harness: () => Harness): void {
  describe.each(CASES)('$title', (theCase) => contractOf(theCase, harness));
  describe('whatever the write', () => {
    missingItemContract(harness);
    countingContract(harness);
    readingContract(harness);
    nonsenseContract(harness);
  });
}

function contractOf(theCase: Case, harness: () => Harness): void {
  const { current, write, after, winners, refusedIf, isVariant } = theCase;
  const stored = current === ABSENT_CIRCUIT ? undefined : current;

  it('is applied when all conditions hold, and leaves exactly this item', async () => {
    const { store, put, get } = harness();
    const name = newName();
    await put(name, stored);
    expect(outcomeOf(await store.write(name, write(ME)))).toEqual({ applied: true, item: after });
    expect(await get(name)).toEqual(after);
  });

  const refusals = Object.entries(refusedIf)
    .filter(([attribute]) => !isVariant || attribute.startsWith('override'))
    .map(([attribute, values]) => ({ attribute, values }));
  it.each(refusals)(
    'is refused when only $attribute is not as it must be',
    async ({ attribute, values }) => {
      const { store, put, get } = harness();
      for (const value of values) {
        const item = edited(current, attribute, value);
        expectSoleRefusal(item, theCase, attribute);
        const name = newName();
        await put(name, item);
        expect(outcomeOf(await store.write(name, write(ME)))).toEqual({ applied: false, item });
        expect(await get(name)).toEqual(item);
      }
    },
  );

  it('has no condition besides those', () => {
    const conditions = write(ME).conditions.map(({ attribute }) => attribute);
    expect(new Set(conditions)).toEqual(new Set(Object.keys(refusedIf)));
  });

  if (isVariant) return;

  it(`is applied for ${winners} of ${WRITERS} writers at once`, async () => {
    const { store, put, get } = harness();
    const name = newName();
    await put(name, stored);
    const racing = rivals(ME).map((rival) => store.write(name, write(rival)));
    const results = (await Promise.all(racing)).map(outcomeOf);
    const applied = results.filter((result) => result.applied);
    expect(applied).toHaveLength(winners);
    const final = await get(name);
    expect(applied.map(({ item }) => item)).toContainEqual(final);
    for (const { item } of results.filter((result) => !result.applied)) expect(item).toEqual(final);
  });

  it('changes no attribute that it does not know, and no other circuit', async () => {
    const { store, put, get } = harness();
    const [name, other] = [newName(), newName()];
    await put(other, current);
    await put(name, { ...stored, note: 'edited manually' });
    await store.write(name, write(ME));
    expect(await get(name)).toEqual({ ...after, note: 'edited manually' });
    expect(await get(other)).toEqual(current);
  });
}

function missingItemContract(harness: () => Harness): void {
  const cases = CASES.filter(({ current }) => current !== ABSENT_CIRCUIT);
  it.each(cases)(
    'is refused where there is no item, and creates none: $title',
    async ({ write }) => {
      const { store, get } = harness();
      const name = newName();
      expect(await store.write(name, write(ME))).toEqual({ applied: false, item: undefined });
      expect(await get(name)).toBeUndefined();
    },
  );
}

function countingContract(harness: () => Harness): void {
  it('counts on from what it finds, not from what was current', async () => {
    const { store, put, get } = harness();
    const name = newName();
    await put(name, { ...FAILING, streakScore: 3 });
    const { applied } = await store.write(name, countFailure(FAILING, FAILED, withThreshold(5)));
    expect(applied).toBe(true);
    expect(await get(name)).toMatchObject({ streakScore: 4 });
  });

  it('counts as many failures at once as there is room for below the threshold', async () => {
    const { store, put, get } = harness();
    const name = newName();
    await put(name, FAILING);
    const racing = rivals(withThreshold(6)).map((ctx) =>
      store.write(name, countFailure(FAILING, FAILED, ctx)),
    );
    const results = await Promise.all(racing);
    expect(results.filter(({ applied }) => applied)).toHaveLength(4);
    expect(await get(name)).toMatchObject({ streakScore: 5 });
  });
}

function readingContract(harness: () => Harness): void {
  it.each([true, false])('reads the item, with consistent: %s', async (consistent) => {
    const { store, put } = harness();
    const name = newName();
    expect(await store.read(name, { consistent })).toBeUndefined();
    await put(name, FAILING);
    expect(await store.read(name, { consistent })).toMatchObject(FAILING);
  });

  it('reads what it has just written', async () => {
    const { store } = harness();
    const name = newName();
    const { item } = await store.write(name, openStreak(ABSENT_CIRCUIT, FAILED, ME));
    expect(await store.read(name, { consistent: true })).toEqual(item);
  });

  it('keeps fractions, zero, empty text and text of any script as they are', async () => {
    const { store, put } = harness();
    const name = newName();
    const item = {
      ...FAILING,
      openUntilMs: NOW + 0.25,
      reopenings: 0,
      reason: '',
      updatedBy: 'ß→😀',
    };
    await put(name, item);
    expect(await store.read(name, { consistent: true })).toMatchObject(item);
  });

  it('keeps the item below 1 KB with every attribute at its longest', async () => {
    const { store, get } = harness();
    const name = newName().padEnd(64, '-');
    const ctx = {
      ...ME,
      instanceId: crypto.randomUUID(),
      probeId: `${crypto.randomUUID()}#1000000`,
    };
    await store.write(name, openStreak(ABSENT_CIRCUIT, { ...FAILED, cause: 'x'.repeat(100) }, ctx));
    const everything = CASES.map(({ write }) => write(ctx).set);
    const item = Object.assign({}, await get(name), ...everything, { reason: 'x'.repeat(100) });
    expect(sizeOf(name, item)).toBeLessThan(ITEM_LIMIT_BYTES);
  });
}

function nonsenseContract(harness: () => Harness): void {
  describe.each(MALFORMED)('an item edited manually: $title', ({ item, problems }) => {
    it('is read as it is, and the codec names what is wrong', async () => {
      const { store, put } = harness();
      const name = newName();
      await put(name, item);
      const found = await store.read(name, { consistent: true });
      expect(found && withoutKey(found)).toEqual(item);
      const problem = problemOf(found);
      expect(problem).toMatchObject({ kind: 'malformed' });
      for (const attribute of problems) expect(problem?.message).toContain(`${attribute} = `);
    });
  });
}

/** Otherwise it might be some other condition that refuses, and this one be tested by none. */
function expectSoleRefusal(item: Item, { write }: Case, attribute: string): void {
  const others = write(ME).conditions.filter((condition) => condition.attribute !== attribute);
  expect(applyWrite(item, { ...write(ME), conditions: others }).applied).toBe(true);
}

/** The item with another value of one attribute; null takes the attribute away. */
function edited(circuit: Circuit, attribute: string, value: unknown): Item {
  const { [attribute]: _, ...rest }: Item = { ...circuit };
  return value === null ? rest : { ...rest, [attribute]: value };
}

function rivals(ctx: DecisionContext): DecisionContext[] {
  return Array.from({ length: WRITERS }, (_, i) => ({
    ...ctx,
    instanceId: `rival-${i}`,
    probeId: `rival-${i}#1`,
    nowMs: NOW + i,
  }));
}

function withThreshold(failureThreshold: number): DecisionContext {
  return { ...ME, rules: { ...ME.rules, failureThreshold } };
}

function problemOf(item: Item | undefined): StoreError | undefined {
  try {
    circuitOf(item);
    return undefined;
  } catch (error) {
    return error instanceof StoreError ? error : undefined;
  }
}

/** As DynamoDB bills it: names and texts in UTF-8, and no number takes more than 21 bytes. */
function sizeOf(name: string, item: Item): number {
  const entries = Object.entries({ ...item, pk: name });
  const sizes = entries.map(([attribute, value]) => [
    attribute,
    typeof value === 'string' ? value : '9'.repeat(21),
  ]);
  return Buffer.byteLength(sizes.flat().join(''));
}
