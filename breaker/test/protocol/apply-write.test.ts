/** The reference semantics of a conditional write. */
import { describe, expect, it } from 'vitest';
import { applyWrite } from '../../src/protocol/apply-write.ts';
import type { Item } from '../../src/protocol/circuit.ts';
import type { Changes, Condition, Write } from '../../src/protocol/conditional-write.ts';

const ITEM: Item = { generation: 7, state: 'OPEN', note: 'unknown to the library' };

function write(own: Partial<Write>): Write {
  return { operation: 'test', conditions: [], set: {}, ...own };
}

function isApplied(item: Item | undefined, ...conditions: Condition[]): boolean {
  return applyWrite(item, write({ conditions })).applied;
}

describe('A condition', () => {
  it.each<[Condition['is'], Condition['value'], unknown, boolean]>([
    ['equal', 7, 7, true],
    ['equal', 7, 8, false],
    ['equal', 7, '7', false],
    ['equal', 'OPEN', 'OPEN', true],
    ['equal', 'OPEN', 'CLOSED', false],
    ['equal', 0, undefined, false],
    ['equal', undefined, undefined, true],
    ['equal', undefined, 0, false],
    ['equal', undefined, '', false],
    ['below', 7, 6, true],
    ['below', 7, 7, false],
    ['below', 7, 8, false],
    ['below', 7, '6', false],
    ['below', 7, undefined, false],
    ['atLeast', 7, 6, false],
    ['atLeast', 7, 7, true],
    ['atLeast', 7, 8, true],
    ['atLeast', 7, '8', false],
    ['atLeast', 7, undefined, false],
  ])('%s %j, on %j: %s', (is, value, actual, holds) => {
    const item = { ...ITEM, generation: actual };
    expect(isApplied(item, { attribute: 'generation', is, value })).toBe(holds);
  });

  it('on no item is one on an absent attribute', () => {
    expect(isApplied(undefined, { attribute: 'generation', is: 'equal', value: undefined })).toBe(
      true,
    );
    expect(isApplied(undefined, { attribute: 'generation', is: 'equal', value: 7 })).toBe(false);
  });

  it('must hold as all the others must', () => {
    const holds: Condition = { attribute: 'generation', is: 'equal', value: 7 };
    const fails: Condition = { attribute: 'state', is: 'equal', value: 'CLOSED' };
    expect(isApplied(ITEM)).toBe(true);
    expect(isApplied(ITEM, holds)).toBe(true);
    expect(isApplied(ITEM, holds, fails)).toBe(false);
    expect(isApplied(ITEM, fails, holds)).toBe(false);
  });
});

describe('An applied write', () => {
  it.each<[string, Item | undefined, Changes, Item]>([
    ['sets attributes and keeps the others', ITEM, { reason: 'x' }, { ...ITEM, reason: 'x' }],
    [
      'removes an attribute that is set to undefined',
      ITEM,
      { state: undefined },
      { generation: 7, note: ITEM.note },
    ],
    ['removes what is not there', ITEM, { override: undefined }, ITEM],
    ['creates the item', undefined, { generation: 1 }, { generation: 1 }],
  ])('%s', (_, item, set, after) => {
    const result = applyWrite(item, write({ set }));
    expect(result).toStrictEqual({ applied: true, item: after });
  });

  it('adds to any number of attributes, and takes from them', () => {
    const item = { ...ITEM, streakScore: 2, streakReports: 2 };
    const result = applyWrite(
      item,
      write({ set: {}, add: { streakScore: -0.25, streakReports: 1 } }),
    );
    expect(result.item).toStrictEqual({ ...item, streakScore: 1.75, streakReports: 3 });
  });

  it('adds decimals as DynamoDB does, so that nothing drifts', () => {
    let item: Item = { ...ITEM, streakScore: 9 };
    for (let i = 0; i < 30; i++) {
      const { item: after } = applyWrite(item, write({ set: {}, add: { streakScore: -0.1 } }));
      item = after ?? {};
    }
    expect(item.streakScore).toBe(6);
  });

  it('leaves the item that it was given as it was', () => {
    const item = Object.freeze({ ...ITEM });
    applyWrite(item, write({ set: { generation: 8, state: undefined } }));
    expect(item).toEqual(ITEM);
  });
});

it.each([[ITEM], [undefined]])('A refused write answers with what refused it: %j', (item) => {
  const conditions: Condition[] = [{ attribute: 'generation', is: 'equal', value: 6 }];
  const result = applyWrite(item, write({ conditions, set: { generation: 8 } }));
  expect(result).toEqual({ applied: false, item });
});
