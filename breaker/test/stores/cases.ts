/**
 * Every write of the protocol: what it makes of an item, and which items refuse it. Written by hand
 * from the protocol, not derived from the writes' own conditions.
 */
import type { Attribute, Circuit, Item } from '../../src/protocol/circuit.ts';
import {
  ABSENT_CIRCUIT,
  type ClosedCircuit,
  type HalfOpenCircuit,
  isAbsent,
  type OpenCircuit,
} from '../../src/protocol/circuit.ts';
import type { Write } from '../../src/protocol/conditional-write.ts';
import type { DecisionContext } from '../../src/protocol/context.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import * as writes from '../../src/protocol/writes.ts';
import { closed, context, FAILED, failing, halfOpen, NOW_MS, open } from '../support/circuits.ts';

export interface Case {
  readonly title: string;
  /** What the writer saw, and what is stored unless a test edits it. */
  readonly current: Circuit;
  readonly write: (ctx: DecisionContext) => Write;
  /** The item after the write by `ME`, exactly. */
  readonly after: Item;
  /** Attributes that must be as the writer saw them. */
  readonly pins: readonly Attribute[];
  /** Attributes that are compared instead, each with values that must refuse the write. */
  readonly limits?: { readonly [A in Attribute]?: readonly unknown[] };
  /** Of a hundred racing writers; 1 unless stated. */
  readonly winners?: number;
  /** Differs from the case before in the override that was current, and in nothing else. */
  readonly isVariant?: boolean;
}

export const NOW = NOW_MS;
export const ME = context({ probes: { max: 3, need: 2 } });

const HISTORY = { reopenings: 2, closedAtMs: NOW - 20_000 };
const CLOSED: ClosedCircuit = { ...closed, ...HISTORY };
/** What a circuit has learnt from streaks before this one. */
const EXPERIENCE = {
  usualMs: 60,
  clearedAtMs: NOW - 5_000,
  sampledCalls: 40,
  sampledSinceMs: NOW - 500,
};
const EXPERIENCED: ClosedCircuit = { ...CLOSED, ...EXPERIENCE };
export const FAILING: ClosedCircuit = { ...failing, ...HISTORY, ...EXPERIENCE };
export const DUE_TO_TRIP: ClosedCircuit = { ...FAILING, streakScore: 2, streakReports: 2 };
const LITTLE_LEFT: ClosedCircuit = { ...FAILING, streakScore: 0.25, streakReports: 4 };
export const OPEN: OpenCircuit = { ...open, ...HISTORY, openUntilMs: NOW };
export const BETWEEN_PROBES: HalfOpenCircuit = { ...halfOpen, ...HISTORY, probesOk: 1 };
export const PROBING: HalfOpenCircuit = {
  ...BETWEEN_PROBES,
  probesIssued: 2,
  probeOwner: 'another#5',
  probeLeaseUntilMs: NOW,
};

function firstFailureTrips(ctx: DecisionContext): DecisionContext {
  return { ...ctx, rules: { ...ctx.rules, failureThreshold: 1 } };
}

/** A success takes 0.25 from the score. */
function aFifthTrips(ctx: DecisionContext): DecisionContext {
  return { ...ctx, rules: { ...ctx.rules, failureRate: 0.2 } };
}

const TIMED_OUT = { cause: 'TimeoutError', calls: 1 };
const SUCCEEDED = { calls: 5 };

const BY_ME = { updatedBy: 'me', updatedAtMs: NOW } as const;
const NEXT = { ...CLOSED, ...BY_ME, generation: 8 };
const { closedAtMs: _, ...NEVER_RECOVERED } = NEXT;
const FIRST_SAMPLE = { sampledCalls: 1, sampledSinceMs: NOW };
const STREAK_OPENED = {
  streakScore: 1,
  streakReports: 1,
  streakStartedAtMs: NOW,
  reason: 'failing: TimeoutError',
};
const OPENED = { ...NEXT, state: 'OPEN', openUntilMs: NOW + 20_000, openDurationMs: 20_000 };
const MY_PROBE = { probeOwner: 'me#1', probeLeaseUntilMs: NOW + 3_000 };
const MY_FIRST_PROBE = {
  ...NEXT,
  ...MY_PROBE,
  state: 'HALF_OPEN',
  probesIssued: 1,
  probesOk: 0,
  probesFailed: 0,
};
const PERIOD_OVER = { state: 'OPEN', openDurationMs: 0, openUntilMs: NOW } as const;
const FORCED_OPEN = { override: 'FORCED_OPEN', reason: 'test' } as const;
const FORCED_CLOSED = {
  override: 'FORCED_CLOSED',
  overrideUntilMs: NOW + 60_000,
  reason: 'test',
} as const;
const FIRST_ITEM = { ...ABSENT_CIRCUIT, schemaVersion: 2, ...BY_ME };
/** Whatever the state, these are as current. */
const IDENTITY = ['generation', 'state', 'override', 'overrideUntilMs'] as const;

interface Base<C extends Circuit> extends Omit<Case, 'current' | 'write'> {
  readonly current: C;
  readonly write: (current: C, ctx: DecisionContext) => Write;
  /** Not a transition: the override stays as it is. */
  readonly keepsOverride?: true;
}

/** A case, also where an override has run out, and where one lasts until it is released. */
function underOverrides<C extends Circuit>(base: Base<C>): Case[] {
  const { current, title, write, keepsOverride, ...rest } = base;
  if (isAbsent(current)) return [{ ...rest, title, current, write: (ctx) => write(current, ctx) }];
  const overrides = [
    { suffix: '', override: {} },
    {
      suffix: ' after an override ran out',
      override: { override: 'FORCED_OPEN', overrideUntilMs: NOW - 1 },
    },
    { suffix: ' under an override', override: { override: 'FORCED_CLOSED' } },
  ] as const;
  return overrides.map(({ suffix, override }) => {
    const circuit = { ...current, ...override };
    return {
      ...rest,
      title: title + suffix,
      isVariant: suffix !== '',
      current: circuit,
      write: (ctx) => write(circuit, ctx),
      after: keepsOverride ? { ...override, ...rest.after } : rest.after,
    };
  });
}

export const CASES: readonly Case[] = [
  ...underOverrides({
    title: 'openStreak creates the item',
    current: ABSENT_CIRCUIT,
    write: (current, ctx) => streakWrites.openStreak(current, TIMED_OUT, ctx),
    after: { ...FIRST_ITEM, ...BY_ME, streakId: 1, ...STREAK_OPENED, ...FIRST_SAMPLE },
    pins: ['generation'],
  }),
  ...underOverrides({
    title: 'openStreak where no streak stands',
    current: CLOSED,
    write: (current, ctx) => streakWrites.openStreak(current, TIMED_OUT, ctx),
    after: { ...CLOSED, ...BY_ME, streakId: 5, ...STREAK_OPENED, ...FIRST_SAMPLE },
    pins: [...IDENTITY, 'streakId', 'sampledSinceMs'],
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'openStreak in place of one that is too old',
    current: FAILING,
    write: (current, ctx) => streakWrites.openStreak(current, { ...TIMED_OUT, usualMs: 70 }, ctx),
    after: {
      ...EXPERIENCED,
      ...BY_ME,
      streakId: 5,
      ...STREAK_OPENED,
      usualMs: 70,
      sampledCalls: 41,
    },
    pins: [...IDENTITY, 'streakId', 'sampledSinceMs'],
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'openStreak that renews the measurement of the demand',
    current: { ...EXPERIENCED, sampledCalls: 1_200, sampledSinceMs: NOW - 4_000 },
    write: (current, ctx) => streakWrites.openStreak(current, TIMED_OUT, ctx),
    after: {
      ...EXPERIENCED,
      ...BY_ME,
      streakId: 5,
      ...STREAK_OPENED,
      sampledCalls: 301,
      sampledSinceMs: NOW - 1_000,
    },
    pins: [...IDENTITY, 'streakId', 'sampledSinceMs'],
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'countFailure',
    current: FAILING,
    write: (current, ctx) => streakWrites.countFailure(current, FAILED, ctx),
    after: { ...FAILING, ...BY_ME, streakScore: 2, streakReports: 2, sampledCalls: 41 },
    pins: [...IDENTITY, 'streakId', 'sampledSinceMs'],
    limits: { streakScore: [2, 3, undefined, '1'] },
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'forgive',
    current: DUE_TO_TRIP,
    write: (current, ctx) => streakWrites.forgive(current, SUCCEEDED, aFifthTrips(ctx)),
    after: { ...FAILING, ...BY_ME, streakScore: 1.75, streakReports: 3, sampledCalls: 45 },
    pins: [...IDENTITY, 'streakId', 'sampledSinceMs'],
    limits: { streakScore: [0.249, 0, undefined, '2'] },
    winners: 8,
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'trip',
    current: DUE_TO_TRIP,
    write: (current, ctx) => writes.trip(current, { cause: 'TimeoutError' }, ctx),
    after: { ...OPENED, reason: '3 x TimeoutError' },
    pins: [...IDENTITY, 'streakId'],
    limits: { streakScore: [1, 0, undefined, '2'] },
  }),
  ...underOverrides({
    title: 'trip of a circuit that bears a share of failures',
    current: DUE_TO_TRIP,
    write: (current, ctx) => writes.trip(current, { cause: 'TimeoutError' }, aFifthTrips(ctx)),
    after: { ...OPENED, reason: 'over 20 % failed: TimeoutError' },
    pins: [...IDENTITY, 'streakId'],
    limits: { streakScore: [1.999, 0, undefined, '2'] },
  }),
  ...underOverrides({
    title: 'trip at the first failure of a threshold of 1',
    current: CLOSED,
    write: (current, ctx) =>
      writes.trip(current, { cause: 'TimeoutError' }, firstFailureTrips(ctx)),
    after: { ...OPENED, reason: '1 x TimeoutError' },
    pins: [...IDENTITY, 'streakId'],
  }),
  ...underOverrides({
    title: 'trip at the first failure ever creates the item',
    current: ABSENT_CIRCUIT,
    write: (current, ctx) => writes.trip(current, { cause: 'Error' }, firstFailureTrips(ctx)),
    after: {
      ...FIRST_ITEM,
      generation: 1,
      state: 'OPEN',
      openUntilMs: NOW + 5_000,
      openDurationMs: 5_000,
      reason: '1 x Error',
    },
    pins: ['generation'],
  }),
  ...underOverrides({
    title: 'clearStreak',
    current: DUE_TO_TRIP,
    write: (current, ctx) => streakWrites.clearStreak(current, SUCCEEDED, ctx),
    after: {
      ...EXPERIENCED,
      ...BY_ME,
      clearedAtMs: NOW,
      sampledCalls: 45,
      reason: 'succeeded again',
    },
    pins: [...IDENTITY, 'streakId', 'sampledSinceMs'],
    winners: 100,
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'clearStreak of a score that one success takes',
    current: LITTLE_LEFT,
    write: (current, ctx) => streakWrites.clearStreak(current, SUCCEEDED, aFifthTrips(ctx)),
    after: {
      ...EXPERIENCED,
      ...BY_ME,
      clearedAtMs: NOW,
      sampledCalls: 45,
      reason: 'succeeded again',
    },
    pins: [...IDENTITY, 'streakId', 'sampledSinceMs'],
    limits: { streakScore: [0.251, 1, undefined, '0'] },
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'countReports',
    current: EXPERIENCED,
    write: (current, ctx) => streakWrites.countReports(current, { calls: 8 }, ctx),
    after: { ...EXPERIENCED, ...BY_ME, sampledCalls: 48 },
    pins: [...IDENTITY, 'sampledSinceMs'],
    winners: 100,
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'countReports that begins to measure the demand anew',
    current: { ...FAILING, sampledCalls: 1_200, sampledSinceMs: NOW - 10_000 },
    write: (current, ctx) => streakWrites.countReports(current, { calls: 8 }, ctx),
    after: { ...FAILING, ...BY_ME, sampledCalls: 8, sampledSinceMs: NOW },
    pins: [...IDENTITY, 'sampledSinceMs'],
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'claimProbe',
    current: OPEN,
    write: (current, ctx) => writes.claimProbe(current, ctx),
    after: { ...MY_FIRST_PROBE, reason: 'the open period is over' },
    pins: [...IDENTITY, 'openUntilMs'],
  }),
  ...underOverrides({
    title: 'nextProbe',
    current: BETWEEN_PROBES,
    write: (current, ctx) => writes.nextProbe(current, ctx),
    after: {
      ...BETWEEN_PROBES,
      ...BY_ME,
      ...MY_PROBE,
      probesIssued: 2,
      reason: 'another probe is needed',
    },
    pins: [...IDENTITY, 'probeOwner', 'probesIssued'],
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'takeOverProbe',
    current: PROBING,
    write: (current, ctx) => writes.takeOverProbe(current, ctx),
    after: { ...MY_FIRST_PROBE, reason: 'the prober is gone' },
    pins: [...IDENTITY, 'probeOwner', 'probeLeaseUntilMs'],
  }),
  ...underOverrides({
    title: 'reportProbe of a probe given back',
    current: PROBING,
    write: (current, ctx) =>
      writes.reportProbe(current, { probesIssued: current.probesIssued - 1 }, ctx),
    after: { ...BETWEEN_PROBES, ...BY_ME, reason: 'a probe reported' },
    pins: [...IDENTITY, 'probeOwner'],
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'reportProbe of a success that is not yet enough',
    current: PROBING,
    write: (current, ctx) => writes.reportProbe(current, { probesOk: current.probesOk + 1 }, ctx),
    after: {
      ...BETWEEN_PROBES,
      ...BY_ME,
      probesIssued: 2,
      probesOk: 2,
      reason: 'a probe reported',
    },
    pins: [...IDENTITY, 'probeOwner'],
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'reportProbe of a failure that is not yet too much',
    current: PROBING,
    write: (current, ctx) =>
      writes.reportProbe(current, { probesFailed: current.probesFailed + 1 }, ctx),
    after: {
      ...BETWEEN_PROBES,
      ...BY_ME,
      probesIssued: 2,
      probesFailed: 1,
      reason: 'a probe reported',
    },
    pins: [...IDENTITY, 'probeOwner'],
    keepsOverride: true,
  }),
  ...underOverrides({
    title: 'recover',
    current: PROBING,
    write: (current, ctx) => writes.recover(current, { usualMs: 70 }, ctx),
    after: {
      ...NEXT,
      state: 'CLOSED',
      closedAtMs: NOW,
      usualMs: 70,
      reason: 'the probe succeeded',
    },
    pins: [...IDENTITY, 'probeOwner'],
  }),
  ...underOverrides({
    title: 'reopen',
    current: PROBING,
    write: (current, ctx) => writes.reopen(current, { cause: 'Error' }, ctx),
    after: {
      ...NEXT,
      state: 'OPEN',
      reopenings: 3,
      openUntilMs: NOW + 30_000,
      openDurationMs: 30_000,
      reason: 'the probe failed: Error',
    },
    pins: [...IDENTITY, 'probeOwner'],
  }),
  ...underOverrides({
    title: 'override of a circuit never written creates the item',
    current: ABSENT_CIRCUIT,
    write: (current, ctx) => writes.applyOverride(current, FORCED_OPEN, ctx),
    after: { ...FIRST_ITEM, generation: 1, ...PERIOD_OVER, ...FORCED_OPEN },
    pins: ['generation'],
  }),
  ...underOverrides({
    title: 'override of a failing circuit, until a time',
    current: FAILING,
    write: (current, ctx) => writes.applyOverride(current, FORCED_CLOSED, ctx),
    after: { ...CLOSED, ...BY_ME, generation: 8, ...FORCED_CLOSED },
    pins: IDENTITY,
  }),
  ...underOverrides({
    title: 'override of an open circuit',
    current: OPEN,
    write: (current, ctx) => writes.applyOverride(current, FORCED_OPEN, ctx),
    after: { ...NEXT, ...PERIOD_OVER, ...FORCED_OPEN },
    pins: IDENTITY,
  }),
  ...underOverrides({
    title: 'release of a circuit never written creates the item',
    current: ABSENT_CIRCUIT,
    write: (current, ctx) => writes.applyOverride(current, { reason: 'done' }, ctx),
    after: { ...FIRST_ITEM, generation: 1, reason: 'done' },
    pins: ['generation'],
  }),
  ...underOverrides({
    title: 'release of a half-open circuit',
    current: PROBING,
    write: (current, ctx) => writes.applyOverride(current, { reason: 'done' }, ctx),
    after: { ...NEXT, ...PERIOD_OVER, reason: 'done' },
    pins: IDENTITY,
  }),
  ...underOverrides({
    title: 'close of an open circuit',
    current: OPEN,
    write: (current, ctx) => writes.close(current, 'mended', ctx),
    after: { ...NEVER_RECOVERED, state: 'CLOSED', reopenings: 0, reason: 'mended' },
    pins: IDENTITY,
  }),
];
