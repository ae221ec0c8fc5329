/**
 * Every write of the protocol: what it makes of an item, and which items refuse it. Written by hand
 * from the protocol, not derived from the writes' own conditions.
 */
import type { Attribute, Circuit, Item } from '../../src/state.ts';
import {
  type ClosedCircuit,
  type HalfOpenCircuit,
  NEVER_WRITTEN,
  type OpenCircuit,
} from '../../src/state.ts';
import type { Write, Writer } from '../../src/writes.ts';
import * as writes from '../../src/writes.ts';
import { closed, failing, halfOpen, NOW_MS, open, writer } from '../support/circuits.ts';

export interface Case {
  readonly title: string;
  /** What the writer saw, and what is stored unless a test edits it. */
  readonly seen: Circuit;
  readonly write: (by: Writer) => Write;
  /** The item after the write by `ME`, exactly. */
  readonly after: Item;
  /** Attributes that must be as the writer saw them. */
  readonly pins: readonly Attribute[];
  /** Attributes that are compared instead, each with values that must refuse the write. */
  readonly limits?: { readonly [A in Attribute]?: readonly unknown[] };
  /** Of a hundred racing writers; 1 unless stated. */
  readonly winners?: number;
  /** Differs from the case before in the operator's word that was seen, and in nothing else. */
  readonly isVariant?: boolean;
}

export const NOW = NOW_MS;
export const ME = writer({ probes: { max: 3, need: 2 } });
const FIRST_FAILURE_TRIPS = { failureThreshold: 1 };

const HISTORY = { reopenings: 2, closedAt: NOW - 20_000 };
const CLOSED: ClosedCircuit = { ...closed, ...HISTORY };
export const FAILING: ClosedCircuit = { ...failing, ...HISTORY };
export const DUE_TO_TRIP: ClosedCircuit = { ...FAILING, streakFailures: 2 };
export const OPEN: OpenCircuit = { ...open, ...HISTORY, openUntil: NOW };
export const BETWEEN_PROBES: HalfOpenCircuit = { ...halfOpen, ...HISTORY, probesOk: 1 };
export const PROBING: HalfOpenCircuit = {
  ...BETWEEN_PROBES,
  probesIssued: 2,
  probeOwner: 'another#5',
  probeLeaseUntil: NOW,
};

const BY_ME = { updatedBy: 'me', updatedAt: NOW } as const;
const NEXT = { ...CLOSED, ...BY_ME, generation: 8 };
const STREAK_OPENED = {
  streakFailures: 1,
  streakStartedAt: NOW,
  reason: 'failing: TimeoutError',
};
const OPENED = { ...NEXT, state: 'OPEN', openUntil: NOW + 20_000, openDurationMs: 20_000 };
const MY_PROBE = { probeOwner: 'me#1', probeLeaseUntil: NOW + 3_000 };
const MY_FIRST_PROBE = {
  ...NEXT,
  ...MY_PROBE,
  state: 'HALF_OPEN',
  probesIssued: 1,
  probesOk: 0,
  probesFailed: 0,
};
const FORCED_OPEN = { override: 'FORCED_OPEN', reason: 'test' } as const;
const FORCED_CLOSED = {
  override: 'FORCED_CLOSED',
  overrideUntil: NOW + 60_000,
  reason: 'test',
} as const;
const FIRST_ITEM = { ...NEVER_WRITTEN, ...BY_ME };
/** Whatever the state, these are as seen. */
const IDENTITY = ['generation', 'state', 'override', 'overrideUntil'] as const;

interface Base<C extends Circuit> extends Omit<Case, 'seen' | 'write'> {
  readonly seen: C;
  readonly write: (seen: C, by: Writer) => Write;
  /** Not a transition: an operator's word stays as it is. */
  readonly keepsWord?: true;
}

/** A case also where an operator's word has run out, and where one stands until it is released. */
function withWords<C extends Circuit>(base: Base<C>): Case[] {
  const { seen, title, write, keepsWord, ...rest } = base;
  if (seen === NEVER_WRITTEN) return [{ ...rest, title, seen, write: (by) => write(seen, by) }];
  const words = [
    { suffix: '', word: {} },
    { suffix: ' after a word ran out', word: { override: 'FORCED_OPEN', overrideUntil: NOW - 1 } },
    { suffix: ' under a word', word: { override: 'FORCED_CLOSED' } },
  ] as const;
  return words.map(({ suffix, word }) => {
    const circuit = { ...seen, ...word };
    return {
      ...rest,
      title: title + suffix,
      isVariant: suffix !== '',
      seen: circuit,
      write: (by) => write(circuit, by),
      after: keepsWord ? { ...word, ...rest.after } : rest.after,
    };
  });
}

export const CASES: readonly Case[] = [
  ...withWords({
    title: 'openStreak creates the item',
    seen: NEVER_WRITTEN,
    write: (seen, by) => writes.openStreak(seen, 'TimeoutError', by),
    after: { ...FIRST_ITEM, ...BY_ME, streakId: 1, ...STREAK_OPENED },
    pins: ['generation'],
  }),
  ...withWords({
    title: 'openStreak where no streak stands',
    seen: CLOSED,
    write: (seen, by) => writes.openStreak(seen, 'TimeoutError', by),
    after: { ...CLOSED, ...BY_ME, streakId: 5, ...STREAK_OPENED },
    pins: [...IDENTITY, 'streakId'],
    keepsWord: true,
  }),
  ...withWords({
    title: 'openStreak in place of one that is too old',
    seen: FAILING,
    write: (seen, by) => writes.openStreak(seen, 'TimeoutError', by),
    after: { ...CLOSED, ...BY_ME, streakId: 5, ...STREAK_OPENED },
    pins: [...IDENTITY, 'streakId'],
    keepsWord: true,
  }),
  ...withWords({
    title: 'countFailure',
    seen: FAILING,
    write: (seen, by) => writes.countFailure(seen, by),
    after: { ...FAILING, ...BY_ME, streakFailures: 2 },
    pins: [...IDENTITY, 'streakId'],
    limits: { streakFailures: [2, 3, undefined, '1'] },
    keepsWord: true,
  }),
  ...withWords({
    title: 'trip',
    seen: DUE_TO_TRIP,
    write: (seen, by) => writes.trip(seen, 'TimeoutError', by),
    after: { ...OPENED, reason: '3 x TimeoutError' },
    pins: [...IDENTITY, 'streakId'],
    limits: { streakFailures: [1, 0, undefined, '2'] },
  }),
  ...withWords({
    title: 'trip at the first failure of a threshold of 1',
    seen: CLOSED,
    write: (seen, by) => writes.trip(seen, 'TimeoutError', { ...by, ...FIRST_FAILURE_TRIPS }),
    after: { ...OPENED, reason: '1 x TimeoutError' },
    pins: [...IDENTITY, 'streakId'],
  }),
  ...withWords({
    title: 'trip at the first failure ever creates the item',
    seen: NEVER_WRITTEN,
    write: (seen, by) => writes.trip(seen, 'Error', { ...by, ...FIRST_FAILURE_TRIPS }),
    after: {
      ...FIRST_ITEM,
      generation: 1,
      state: 'OPEN',
      openUntil: NOW + 5_000,
      openDurationMs: 5_000,
      reason: '1 x Error',
    },
    pins: ['generation'],
  }),
  ...withWords({
    title: 'clearStreak',
    seen: DUE_TO_TRIP,
    write: (seen, by) => writes.clearStreak(seen, by),
    after: { ...CLOSED, ...BY_ME, reason: 'succeeded again' },
    pins: [...IDENTITY, 'streakId'],
    winners: 100,
    keepsWord: true,
  }),
  ...withWords({
    title: 'claimProbe',
    seen: OPEN,
    write: (seen, by) => writes.claimProbe(seen, by),
    after: { ...MY_FIRST_PROBE, reason: 'the open period is over' },
    pins: [...IDENTITY, 'openUntil'],
  }),
  ...withWords({
    title: 'nextProbe',
    seen: BETWEEN_PROBES,
    write: (seen, by) => writes.nextProbe(seen, by),
    after: {
      ...BETWEEN_PROBES,
      ...BY_ME,
      ...MY_PROBE,
      probesIssued: 2,
      reason: 'another probe is needed',
    },
    pins: [...IDENTITY, 'probeOwner', 'probesIssued'],
    keepsWord: true,
  }),
  ...withWords({
    title: 'takeOverProbe',
    seen: PROBING,
    write: (seen, by) => writes.takeOverProbe(seen, by),
    after: { ...MY_FIRST_PROBE, reason: 'the prober is gone' },
    pins: [...IDENTITY, 'probeOwner', 'probeLeaseUntil'],
  }),
  ...withWords({
    title: 'reportProbe of a probe given back',
    seen: PROBING,
    write: (seen, by) => writes.reportProbe(seen, { probesIssued: seen.probesIssued - 1 }, by),
    after: { ...BETWEEN_PROBES, ...BY_ME, reason: 'a probe reported' },
    pins: [...IDENTITY, 'probeOwner'],
    keepsWord: true,
  }),
  ...withWords({
    title: 'reportProbe of a success that is not yet enough',
    seen: PROBING,
    write: (seen, by) => writes.reportProbe(seen, { probesOk: seen.probesOk + 1 }, by),
    after: {
      ...BETWEEN_PROBES,
      ...BY_ME,
      probesIssued: 2,
      probesOk: 2,
      reason: 'a probe reported',
    },
    pins: [...IDENTITY, 'probeOwner'],
    keepsWord: true,
  }),
  ...withWords({
    title: 'reportProbe of a failure that is not yet too much',
    seen: PROBING,
    write: (seen, by) => writes.reportProbe(seen, { probesFailed: seen.probesFailed + 1 }, by),
    after: {
      ...BETWEEN_PROBES,
      ...BY_ME,
      probesIssued: 2,
      probesFailed: 1,
      reason: 'a probe reported',
    },
    pins: [...IDENTITY, 'probeOwner'],
    keepsWord: true,
  }),
  ...withWords({
    title: 'recover',
    seen: PROBING,
    write: (seen, by) => writes.recover(seen, by),
    after: { ...NEXT, state: 'CLOSED', closedAt: NOW, reason: 'the probe succeeded' },
    pins: [...IDENTITY, 'probeOwner'],
  }),
  ...withWords({
    title: 'reopen',
    seen: PROBING,
    write: (seen, by) => writes.reopen(seen, 'Error', by),
    after: {
      ...NEXT,
      state: 'OPEN',
      reopenings: 3,
      openUntil: NOW + 30_000,
      openDurationMs: 30_000,
      reason: 'the probe failed: Error',
    },
    pins: [...IDENTITY, 'probeOwner'],
  }),
  ...withWords({
    title: 'override of a circuit never written creates the item',
    seen: NEVER_WRITTEN,
    write: (seen, by) => writes.overrule(seen, FORCED_OPEN, by),
    after: { ...FIRST_ITEM, generation: 1, ...FORCED_OPEN },
    pins: ['generation'],
  }),
  ...withWords({
    title: 'override of a failing circuit, until a time',
    seen: FAILING,
    write: (seen, by) => writes.overrule(seen, FORCED_CLOSED, by),
    after: { ...CLOSED, ...BY_ME, generation: 8, ...FORCED_CLOSED },
    pins: IDENTITY,
  }),
  ...withWords({
    title: 'override of an open circuit',
    seen: OPEN,
    write: (seen, by) => writes.overrule(seen, FORCED_OPEN, by),
    after: { ...OPEN, ...BY_ME, generation: 8, ...FORCED_OPEN },
    pins: IDENTITY,
  }),
  ...withWords({
    title: 'release of a circuit never written creates the item',
    seen: NEVER_WRITTEN,
    write: (seen, by) => writes.overrule(seen, { reason: 'done' }, by),
    after: { ...FIRST_ITEM, generation: 1, reason: 'done' },
    pins: ['generation'],
  }),
  ...withWords({
    title: 'release of a half-open circuit',
    seen: PROBING,
    write: (seen, by) => writes.overrule(seen, { reason: 'done' }, by),
    after: { ...BETWEEN_PROBES, ...BY_ME, generation: 8, probesIssued: 2, reason: 'done' },
    pins: IDENTITY,
  }),
];
