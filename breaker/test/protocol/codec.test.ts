/** From a stored item to a circuit, and back. */
import { describe, expect, it } from 'vitest';
import {
  ABSENT_CIRCUIT,
  type Circuit,
  type ClosedCircuit,
  type Item,
} from '../../src/protocol/circuit.ts';
import { decodeItem, encodeCircuit, isAttribute } from '../../src/protocol/codec.ts';
import { closed, failing, halfOpen, NOW_MS, open, probing } from '../support/circuits.ts';

const learned: ClosedCircuit = {
  ...closed,
  usualMs: 40,
  clearedAtMs: NOW_MS - 9,
  sampledCalls: 5,
  sampledSinceMs: NOW_MS - 5,
};

const CIRCUITS: Record<string, Circuit> = {
  closed,
  'closed with a streak': failing,
  'closed after a recovery': { ...closed, closedAtMs: NOW_MS - 1 },
  'closed with what was learned of its calls': learned,
  open,
  'half-open': halfOpen,
  'half-open with a probe under way': probing,
  'forced open': { ...closed, override: 'FORCED_OPEN' },
  'forced closed until a time': {
    ...open,
    override: 'FORCED_CLOSED',
    overrideUntilMs: NOW_MS + 1,
  },
};

const MAX_TIME_MS = 8.64e15;

function without(item: Item, attribute: string): Item {
  const { [attribute]: _, ...rest } = item;
  return rest;
}

function problemIn(item: Item): string | undefined {
  const decoded = decodeItem(item);
  return 'problem' in decoded ? decoded.problem : undefined;
}

describe('A circuit', () => {
  it.each(Object.entries(CIRCUITS))('is what its item says: %s', (_, circuit) => {
    const item = encodeCircuit(circuit);
    expect(item).toEqual(circuit);
    expect(decodeItem(item)).toStrictEqual({ circuit });
  });

  it('that has no item is the absent circuit, and the other way round', () => {
    expect(decodeItem(undefined)).toEqual({ circuit: ABSENT_CIRCUIT });
    expect(encodeCircuit(ABSENT_CIRCUIT)).toBeUndefined();
  });

  it.each([
    ['closed', closed, { openUntilMs: 'x', openDurationMs: 'x', probesOk: 'x', probeOwner: 5 }],
    ['open', open, { streakScore: 'x', streakStartedAtMs: 'x', probesIssued: 'x' }],
    ['half-open', halfOpen, { streakScore: 'x', openUntilMs: 'x' }],
  ])('does not have what is foreign to its state, whatever that is: %s', (_, circuit, foreign) => {
    const item = { ...circuit, ...foreign, pk: 'name', note: 'unknown' };
    expect(decodeItem(item)).toStrictEqual({ circuit });
  });
});

describe('An item', () => {
  const always = Object.keys(ABSENT_CIRCUIT).map((attribute) => [attribute, closed] as const);
  it.each([
    ...always,
    ['openUntilMs', open],
    ['openDurationMs', open],
    ['probesIssued', halfOpen],
    ['probesOk', halfOpen],
    ['probesFailed', halfOpen],
    ['streakScore', failing],
    ['streakReports', failing],
    ['streakStartedAtMs', failing],
    ['sampledCalls', learned],
    ['sampledSinceMs', learned],
    ['probeOwner', probing],
    ['probeLeaseUntilMs', probing],
  ] as const)('makes no sense without %s', (attribute, circuit) => {
    const item = without({ ...circuit }, attribute);
    expect(problemIn(item)).toBe(`The circuit's item makes no sense: ${attribute} = undefined`);
  });

  it.each<[string, unknown, boolean]>([
    ['generation', 0, true],
    ['generation', 0.5, true],
    ['generation', -1, false],
    ['generation', Number.NaN, false],
    ['generation', '7', false],
    ['updatedAtMs', MAX_TIME_MS, true],
    ['updatedAtMs', MAX_TIME_MS * 1.001, false],
    ['closedAtMs', NOW_MS, true],
    ['closedAtMs', 'noon', false],
    ['schemaVersion', 2, true],
    ['schemaVersion', 1, false],
    ['schemaVersion', '2', false],
    ['state', 'AJAR', false],
    ['state', 'closed', false],
    ['reason', '', true],
    ['reason', 5, false],
    ['updatedBy', 'x', true],
    ['updatedBy', null, false],
    ['override', 'FORCED_OPEN', true],
    ['override', 'FORCED_CLOSED', true],
    ['override', 'FORCED_AJAR', false],
    ['override', '', false],
    ['overrideUntilMs', NOW_MS, true],
    ['overrideUntilMs', 'noon', false],
    ['usualMs', 'long', false],
    ['clearedAtMs', 'noon', false],
  ])('whose %s is %j makes sense: %s', (attribute, value, isSensible) => {
    const problem = problemIn({ ...closed, [attribute]: value });
    const named = `The circuit's item makes no sense: ${attribute} = ${JSON.stringify(value)}`;
    expect(problem).toBe(isSensible ? undefined : named);
  });

  it.each([3, 3.5, 40])(
    'of a later schema, such as %s, is said to be just that',
    (schemaVersion) => {
      const problem = problemIn({ schemaVersion, state: 'AJAR' });
      const known = 'this version of the library knows none after 2';
      const said = `The circuit's item is of a later schema (schemaVersion = ${schemaVersion}): ${known}`;
      expect(problem).toBe(said);
    },
  );

  it('has everything named that makes no sense', () => {
    const problem = problemIn({ ...probing, generation: '7', probeOwner: 5, reason: 5 });
    expect(problem).toBe(
      'The circuit\'s item makes no sense: generation = "7", reason = 5, probeOwner = 5',
    );
  });
});

describe('The name of an attribute', () => {
  const circuits = [ABSENT_CIRCUIT, closed, failing, learned, open, halfOpen, probing];
  const optional = ['closedAtMs', 'override', 'overrideUntilMs'];
  const names = new Set([...circuits.flatMap((circuit) => Object.keys(circuit)), ...optional]);

  it.each([...names])('is one: %s', (name) => {
    expect(isAttribute(name)).toBe(true);
  });

  it.each(['pk', 'note', '', 'toString'])('is not: %j', (name) => {
    expect(isAttribute(name)).toBe(false);
  });
});
