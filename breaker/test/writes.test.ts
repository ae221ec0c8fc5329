import { describe, expect, it } from 'vitest';
import { type Circuit, type Item, NEVER_WRITTEN } from '../src/state.ts';
import { decode } from '../src/stores/item-codec.ts';
import { applyWrite } from '../src/stores/memory-store.ts';
import * as writes from '../src/writes.ts';
import { closed, failing, halfOpen, NOW_MS, open, probing, writer } from './support/circuits.ts';

const by = writer();
const reason = { reason: expect.any(String) };
const stamp = { updatedBy: 'me', updatedAt: NOW_MS };
const two = { ...failing, streakFailures: 2 };
const due = { ...open, openUntil: NOW_MS };
const over = { ...probing, probeLeaseUntil: NOW_MS };
const noStreak = { streakFailures: undefined, streakStartedAt: undefined };
const noProbe = { probeOwner: undefined, probeLeaseUntil: undefined };
const notHalfOpen = {
  ...noProbe,
  probesIssued: undefined,
  probesOk: undefined,
  probesFailed: undefined,
};
const notOpen = { openUntil: undefined, openDurationMs: undefined };
const firstProbe = { state: 'HALF_OPEN', probesIssued: 1, probesOk: 0, probesFailed: 0 };
const opened = { state: 'OPEN', openDurationMs: 5_000, openUntil: NOW_MS + 5_000 };
const leased = { probeOwner: 'me#1', probeLeaseUntil: NOW_MS + 3_000 };
const word = { override: 'FORCED_OPEN', reason: 'by hand' } as const;

/** Each write, what it was derived from, and what it makes of that. */
const all: Record<string, { seen: Circuit; write: writes.Write; becomes: Partial<Item> }> = {
  'openStreak on no item': {
    seen: NEVER_WRITTEN,
    write: writes.openStreak(NEVER_WRITTEN, 'Error', by),
    becomes: { generation: 0, streakId: 1, streakFailures: 1, streakStartedAt: NOW_MS },
  },
  openStreak: {
    seen: closed,
    write: writes.openStreak(closed, 'Error', by),
    becomes: { generation: 7, streakId: 5, streakFailures: 1, streakStartedAt: NOW_MS },
  },
  'openStreak after one that ran out': {
    seen: two,
    write: writes.openStreak(two, 'Error', by),
    becomes: { generation: 7, streakId: 5, streakFailures: 1, streakStartedAt: NOW_MS },
  },
  countFailure: {
    seen: failing,
    write: writes.countFailure(failing, by),
    becomes: { generation: 7, streakId: 4, streakFailures: 2 },
  },
  'trip on no item, at a threshold of 1': {
    seen: NEVER_WRITTEN,
    write: writes.trip(NEVER_WRITTEN, 'Error', writer({ failureThreshold: 1 })),
    becomes: { ...opened, generation: 1, reason: '1 x Error' },
  },
  'trip at a threshold of 1': {
    seen: closed,
    write: writes.trip(closed, 'Error', writer({ failureThreshold: 1 })),
    becomes: { ...opened, generation: 8, reopenings: 0 },
  },
  trip: {
    seen: two,
    write: writes.trip(two, 'Error', by),
    becomes: { ...opened, generation: 8, ...noStreak, reason: '3 x Error' },
  },
  clearStreak: {
    seen: two,
    write: writes.clearStreak(two, by),
    becomes: { generation: 7, streakId: 4, ...noStreak },
  },
  claimProbe: {
    seen: due,
    write: writes.claimProbe(due, by),
    becomes: { ...leased, ...firstProbe, ...notOpen, generation: 8 },
  },
  nextProbe: {
    seen: halfOpen,
    write: writes.nextProbe(halfOpen, by),
    becomes: { ...leased, generation: 7, probesIssued: 2 },
  },
  takeOverProbe: {
    seen: { ...over, probesIssued: 2, probesOk: 1 },
    write: writes.takeOverProbe({ ...over, probesIssued: 2, probesOk: 1 }, by),
    becomes: { ...leased, ...firstProbe, generation: 8 },
  },
  'reportProbe of a success': {
    seen: probing,
    write: writes.reportProbe('probesOk', probing, by),
    becomes: { generation: 7, probesOk: 1, ...noProbe },
  },
  'reportProbe of a failure': {
    seen: probing,
    write: writes.reportProbe('probesFailed', probing, by),
    becomes: { generation: 7, probesFailed: 1, ...noProbe },
  },
  'reportProbe of an answer that says nothing': {
    seen: probing,
    write: writes.reportProbe('probesIssued', probing, by),
    becomes: { generation: 7, probesIssued: 0, ...noProbe },
  },
  recover: {
    seen: probing,
    write: writes.recover(probing, by),
    becomes: { state: 'CLOSED', generation: 8, closedAt: NOW_MS, ...notHalfOpen },
  },
  reopen: {
    seen: probing,
    write: writes.reopen(probing, 'Error', by),
    becomes: {
      ...opened,
      ...notHalfOpen,
      generation: 8,
      reopenings: 1,
      openDurationMs: 10_000,
      openUntil: NOW_MS + 10_000,
    },
  },
  'override on no item': {
    seen: NEVER_WRITTEN,
    write: writes.overrule(NEVER_WRITTEN, word, by),
    becomes: { ...word, state: 'CLOSED', generation: 1 },
  },
  override: {
    seen: two,
    write: writes.overrule(two, { ...word, overrideUntil: NOW_MS + 1 }, by),
    becomes: { ...word, overrideUntil: NOW_MS + 1, generation: 8, ...noStreak },
  },
  release: {
    seen: { ...open, override: 'FORCED_OPEN', overrideUntil: NOW_MS + 1 },
    write: writes.overrule(
      { ...open, override: 'FORCED_OPEN', overrideUntil: NOW_MS + 1 },
      { reason: 'released' },
      by,
    ),
    becomes: { state: 'OPEN', generation: 8, override: undefined, overrideUntil: undefined },
  },
};

const itemOf = (circuit: Circuit): Item | undefined =>
  circuit === NEVER_WRITTEN ? undefined : { ...circuit };

describe('A write', () => {
  it.each(Object.entries(all))(
    '%s: applies to what it was derived from',
    (_, { seen, write, becomes }) => {
      const { applied, item } = applyWrite(itemOf(seen), write);
      expect(applied).toBe(true);
      expect(decode(item)).toEqual({ ...decode(itemOf(seen)), ...reason, ...stamp, ...becomes });
      // Nothing of the old state is left behind: what the new one does not have would be a lie later.
      expect(item).toEqual(decode(item));
    },
  );

  it.each(Object.entries(all))(
    '%s: does not apply to what has changed since',
    (_, { seen, write }) => {
      const now = decode(itemOf(seen));
      const others = ['CLOSED', 'OPEN', 'HALF_OPEN'].filter((state) => state !== seen.state);
      const changed: Item[] = [
        { ...now, generation: now.generation + 1 },
        ...others.map((state) => ({ ...now, state })),
        { ...now, override: now.override === 'FORCED_OPEN' ? 'FORCED_CLOSED' : 'FORCED_OPEN' },
        { ...now, overrideUntil: NOW_MS + 1_000 },
      ];
      for (const item of changed) {
        const result = applyWrite(item, write);
        expect(result, JSON.stringify(item)).toEqual({ applied: false, item });
      }
      if (seen !== NEVER_WRITTEN) expect(applyWrite(undefined, write).applied).toBe(false);
    },
  );

  const streak5 = { ...two, streakId: 5 };
  const cleared5 = { ...closed, streakId: 5 };
  const lateLease = { ...probing, probeLeaseUntil: NOW_MS + 1 };
  const leasedToAnother = { ...probing, probeOwner: 'third#1' };
  const tripAt1 = writes.trip(closed, 'Error', writer({ failureThreshold: 1 }));
  it.each<[string, string, Circuit, writes.Write]>([
    ['openStreak', 'another has opened one', streak5, writes.openStreak(closed, '', by)],
    ['openStreak', 'one was opened and cleared', cleared5, writes.openStreak(closed, '', by)],
    ['openStreak', 'the one that ran out was cleared', closed, writes.openStreak(two, '', by)],
    ['countFailure', 'it is another streak', streak5, writes.countFailure(failing, by)],
    ['countFailure', 'the streak was cleared', closed, writes.countFailure(failing, by)],
    ['countFailure', 'it is time to trip', two, writes.countFailure(failing, by)],
    ['trip', 'it is another streak', streak5, writes.trip(two, '', by)],
    ['trip', 'the streak was cleared', closed, writes.trip(two, '', by)],
    ['trip', 'the streak is shorter', failing, writes.trip(two, '', by)],
    ['trip at 1', 'a streak came and went', cleared5, tripAt1],
    ['clearStreak', 'it is another streak', streak5, writes.clearStreak(two, by)],
    ['claimProbe', 'a hand has prolonged it', open, writes.claimProbe(due, by)],
    ['nextProbe', 'another makes it', leasedToAnother, writes.nextProbe(halfOpen, by)],
    ['nextProbe', 'it was made', { ...halfOpen, probesIssued: 2 }, writes.nextProbe(halfOpen, by)],
    ['takeOverProbe', 'a new lease runs', lateLease, writes.takeOverProbe(over, by)],
    ['takeOverProbe', 'the prober reported', halfOpen, writes.takeOverProbe(over, by)],
    ...[
      writes.reportProbe('probesOk', probing, by),
      writes.recover(probing, by),
      writes.reopen(probing, '', by),
    ].flatMap((write): [string, string, Circuit, writes.Write][] => [
      [write.operation, 'the probe is another', leasedToAnother, write],
      [write.operation, 'no probe is under way', halfOpen, write],
    ]),
  ])('%s: does not apply when %s', (_, __, now, write) => {
    const item = itemOf(now);
    expect(applyWrite(item, write)).toEqual({ applied: false, item });
  });

  it('claimProbe: applies for a claimer whose clock is behind', () => {
    expect(applyWrite({ ...open }, writes.claimProbe(open, by)).applied).toBe(true);
  });

  it('takeOverProbe: applies for a claimer whose clock is behind', () => {
    expect(applyWrite({ ...probing }, writes.takeOverProbe(probing, by)).applied).toBe(true);
  });

  it('repair: applies to anything, and leaves an item that makes sense and is news to everyone', () => {
    const nonsense = { state: 17, generation: 'x', probeOwner: [], closedAt: 'never' };
    const { applied, item } = applyWrite(nonsense, writes.repair(word, by));
    expect(applied).toBe(true);
    expect(decode(item)).toEqual({ ...NEVER_WRITTEN, ...word, ...stamp, generation: NOW_MS });
  });
});

describe('The open period', () => {
  const openMsAfter = (reopenings: number, random: number) =>
    writes.reopen({ ...probing, reopenings }, '', writer({}, { random })).set.openDurationMs;

  it.each([
    [0, 10_000],
    [1, 20_000],
    [2, 30_000],
    [3, 30_000],
    [1_100, 30_000],
  ])('doubles with every reopening in a row, up to its limit: after %i more', (reopenings, ms) => {
    expect(openMsAfter(reopenings, 0.5)).toBe(ms);
    expect(openMsAfter(reopenings, 0)).toBe(0.9 * ms);
    expect(openMsAfter(reopenings, 1)).toBe(1.1 * ms);
  });

  it.each([
    ['never', undefined, 0],
    ['long ago', NOW_MS - 30_001, 0],
    ['lately', NOW_MS - 30_000, 2],
  ])('is as long as before the last recovery only if that was lately: %s', (_, closedAt, kept) => {
    const circuit = { ...two, reopenings: 2, ...(closedAt !== undefined && { closedAt }) };
    const { set } = writes.trip(circuit, '', by);
    expect(set).toMatchObject({ reopenings: kept, openDurationMs: kept === 0 ? 5_000 : 20_000 });
  });
});
