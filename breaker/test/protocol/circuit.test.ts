/** What may be said of a circuit by itself. */
import { describe, expect, it } from 'vitest';
import {
  ABSENT_CIRCUIT,
  type Circuit,
  isAbsent,
  isOlder,
  overrideInForce,
  stateInForce,
} from '../../src/protocol/circuit.ts';
import { closed, failing, halfOpen, NOW_MS, open, probing } from '../support/circuits.ts';

it('A circuit without an item is closed, in generation 0, and was never written', () => {
  expect(ABSENT_CIRCUIT).toEqual({
    schemaVersion: 0,
    state: 'CLOSED',
    generation: 0,
    streakId: 0,
    reopenings: 0,
    updatedBy: '',
    reason: 'never written',
    updatedAtMs: 0,
  });
  expect([ABSENT_CIRCUIT, closed, open, halfOpen].map(isAbsent)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

it.each<[string, Partial<Circuit>, string | undefined]>([
  ['is none', {}, undefined],
  ['is none, whatever its end', { overrideUntilMs: NOW_MS + 1 }, undefined],
  ['lasts until it is released', { override: 'FORCED_OPEN' }, 'FORCED_OPEN'],
  ['lasts until its end', { override: 'FORCED_OPEN', overrideUntilMs: NOW_MS + 1 }, 'FORCED_OPEN'],
  ['is over at its end', { override: 'FORCED_OPEN', overrideUntilMs: NOW_MS }, undefined],
])('An override %s', (_, override, expected) => {
  expect(overrideInForce({ ...closed, ...override } as Circuit, NOW_MS)).toBe(expected);
});

it.each([closed, open, probing])(
  'The state that callers meet is the one forced, or $state',
  (circuit) => {
    expect(stateInForce(circuit, NOW_MS)).toBe(circuit.state);
    expect(stateInForce({ ...circuit, override: 'FORCED_OPEN' }, NOW_MS)).toBe('OPEN');
    expect(stateInForce({ ...circuit, override: 'FORCED_CLOSED' }, NOW_MS)).toBe('CLOSED');
  },
);

describe('Of one generation', () => {
  it.each<[string, Circuit, Circuit]>([
    ['open and closed', { ...open, streakId: 1 }, { ...closed, streakId: 2 }],
    ['closed and half-open', { ...closed, streakId: 1 }, { ...halfOpen, streakId: 2 }],
    ['open twice', { ...open, streakId: 1 }, { ...open, streakId: 2 }],
    ['half-open twice', { ...halfOpen, streakId: 1 }, { ...probing, streakId: 2 }],
    ['closed with the same streak', failing, { ...failing, reason: 'edited manually' }],
  ])('neither is certainly older: %s', (_, a, b) => {
    expect([isOlder(a, b), isOlder(b, a)]).toEqual([false, false]);
  });
});
