/** What replaces an item of the schema before this one. */
import { describe, expect, it } from 'vitest';
import { applyWrite } from '../../src/protocol/apply-write.ts';
import { type Item, SCHEMA_VERSION } from '../../src/protocol/circuit.ts';
import { upgradeOf } from '../../src/protocol/earlier-schema.ts';
import { NOW_MS } from '../support/circuits.ts';

const common = {
  schemaVersion: 1,
  generation: 7,
  streakId: 4,
  reopenings: 2,
  updatedBy: 'another',
  reason: 'as it is',
  updatedAt: NOW_MS,
};
const inThisSchema = {
  schemaVersion: SCHEMA_VERSION,
  generation: 8,
  streakId: 4,
  reopenings: 2,
  updatedBy: 'another',
  reason: 'as it is',
  updatedAtMs: NOW_MS,
};
const probes = { probesIssued: 2, probesOk: 1, probesFailed: 0 };

/** Each with what becomes of it, where `common` becomes `inThisSchema`. */
const CIRCUITS: Record<string, [Item, Item]> = {
  closed: [{ state: 'CLOSED' }, { state: 'CLOSED' }],
  'closed with a streak, which ends': [
    { state: 'CLOSED', streakFailures: 1, streakStartedAt: NOW_MS },
    { state: 'CLOSED' },
  ],
  'closed after a recovery': [
    { state: 'CLOSED', closedAt: NOW_MS - 5 },
    { state: 'CLOSED', closedAtMs: NOW_MS - 5 },
  ],
  open: [
    { state: 'OPEN', openUntil: NOW_MS + 5, openDurationMs: 9 },
    { state: 'OPEN', openUntilMs: NOW_MS + 5, openDurationMs: 9 },
  ],
  'half-open': [
    { state: 'HALF_OPEN', ...probes },
    { state: 'HALF_OPEN', ...probes },
  ],
  'half-open with a probe under way': [
    { state: 'HALF_OPEN', ...probes, probeOwner: 'a#1', probeLeaseUntil: NOW_MS + 5 },
    { state: 'HALF_OPEN', ...probes, probeOwner: 'a#1', probeLeaseUntilMs: NOW_MS + 5 },
  ],
  'forced open until a time': [
    { state: 'CLOSED', override: 'FORCED_OPEN', overrideUntil: NOW_MS + 5 },
    { state: 'CLOSED', override: 'FORCED_OPEN', overrideUntilMs: NOW_MS + 5 },
  ],
};

function upgraded(item: Item, found: Item = item) {
  const write = upgradeOf(item);
  return write && applyWrite(found, write);
}

describe('An item of schema 1', () => {
  it.each(Object.entries(CIRCUITS))(
    'becomes the same circuit, a generation later: %s',
    (_, [was, becomes]) => {
      const result = upgraded({ ...common, ...was, pk: 'x' });
      const item = { ...inThisSchema, ...becomes, pk: 'x' };
      expect(result).toEqual({ applied: true, item });
    },
  );

  const item: Item = { ...common, ...CIRCUITS['half-open with a probe under way']?.[0] };
  it.each([
    ['schemaVersion', SCHEMA_VERSION],
    ['generation', 8],
    ['probeOwner', undefined],
    ['updatedAt', NOW_MS + 1],
    ['updatedBy', 'a third'],
  ])('is not replaced if it has changed meanwhile: %s', (attribute, value) => {
    const found = { ...item, [attribute]: value };
    expect(upgraded(item, found)).toEqual({ applied: false, item: found });
  });

  it('that an instance of this version has written to becomes what that has made of it', () => {
    const made = {
      state: 'OPEN',
      openUntilMs: NOW_MS + 9,
      openDurationMs: 9,
      updatedAtMs: NOW_MS + 1,
    };
    const result = upgraded({ ...common, streakFailures: 1, streakStartedAtMs: 1, ...made });
    expect(result).toEqual({ applied: true, item: { ...inThisSchema, ...made } });
  });

  it.each([
    ['state', 'AJAR'],
    ['generation', 'x'],
    ['updatedAt', undefined],
    ['probeLeaseUntil', -1],
  ])('is left alone if it makes no sense: %s = %s', (attribute, value) => {
    expect(upgradeOf({ ...item, [attribute]: value })).toBeUndefined();
  });
});

it('Nothing else is replaced', () => {
  const open = { ...common, ...CIRCUITS.open?.[0] };
  const others = [undefined, {}, ...[0, 2, 3, '1'].map((v) => ({ ...open, schemaVersion: v }))];
  expect(others.map(upgradeOf)).toEqual(others.map(() => undefined));
});

it('The write is named for people, who see it in a trace', () => {
  expect(upgradeOf({ ...common, state: 'CLOSED' })?.operation).toBe('upgrade');
});
