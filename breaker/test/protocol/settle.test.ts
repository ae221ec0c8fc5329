import { describe, expect, it } from 'vitest';
import type { Permit } from '../../src/protocol/admit.ts';
import {
  ABSENT_CIRCUIT,
  type Circuit,
  type ClosedCircuit,
  type HalfOpenCircuit,
} from '../../src/protocol/circuit.ts';
import { type Report, settle, type Verdict } from '../../src/protocol/settle.ts';
import { closed, context, failing, halfOpen, NOW_MS, open, probing } from '../support/circuits.ts';

/** A call that stands for itself, of an instance whose calls take 50 ms and that reads for each. */
function report(verdict: Verdict, ranMs: number, own: Partial<Report> = {}): Report {
  return { verdict, ranMs, cause: 'Error', usualMs: 50, viewMs: 0, luck: 0.5, calls: 1, ...own };
}

const counted = (circuit: ClosedCircuit): Permit => ({ kind: 'counted', circuit });

describe('The result of a counted call, where only failures in a row trip', () => {
  const two = { ...failing, streakScore: 2 };
  const four = { ...failing, streakScore: 4 };
  const old = { ...two, updatedAtMs: NOW_MS - 30_000 };
  /** Whether the call met streak 4, met an earlier one, or none; and whether it outran FAIR_SAMPLE_MS. */
  const earlier = { ...closed, streakId: 3 };
  const met = { admittedTo: failing, ranMs: 20 };
  const metEarlier = { admittedTo: { ...failing, streakId: 3 }, ranMs: 20 };
  const metNone = { admittedTo: earlier, ranMs: 250 };
  const ranLong = { admittedTo: earlier, ranMs: 251 };

  it.each<[Verdict, string, ClosedCircuit, number, typeof met, string | undefined]>([
    ['failure', 'no streak', closed, 3, metNone, 'openStreak'],
    ['failure', 'no streak', closed, 3, ranLong, 'openStreak'],
    ['failure', 'no streak any more', closed, 3, met, 'openStreak'],
    ['failure', 'a streak run out', old, 3, met, 'openStreak'],
    ['failure', 'one failure', failing, 3, metNone, undefined],
    ['failure', 'one failure', failing, 3, metEarlier, undefined],
    ['failure', 'one failure', failing, 3, met, 'countFailure'],
    ['failure', 'one failure', failing, 3, ranLong, 'countFailure'],
    ['failure', 'two failures', two, 3, metNone, undefined],
    ['failure', 'two failures', two, 3, met, 'trip'],
    ['failure', 'two failures', two, 3, ranLong, 'trip'],
    ['failure', 'more than enough', four, 3, met, 'trip'],
    ['failure', 'one failure', failing, 2, metNone, undefined],
    ['failure', 'one failure', failing, 2, met, 'trip'],
    ['failure', 'no streak', closed, 1, metNone, 'trip'],
    ['failure', 'one failure', failing, 1, metNone, 'trip'],
    ['failure', 'four failures', four, 8, met, 'countFailure'],
    ['success', 'no streak', closed, 3, ranLong, undefined],
    ['success', 'a streak run out', old, 3, met, undefined],
    ['success', 'two failures', two, 3, metNone, undefined],
    ['success', 'two failures', two, 3, metEarlier, undefined],
    ['success', 'two failures', two, 3, met, 'clearStreak'],
    ['success', 'two failures', two, 3, ranLong, 'clearStreak'],
    ['ignored', 'no streak', closed, 3, ranLong, undefined],
    ['ignored', 'two failures', two, 3, met, undefined],
    ['ignored', 'no streak', closed, 1, met, undefined],
  ])('%s, on %s (%#)', (verdict, _, circuit, failureThreshold, admitted, operation) => {
    const { admittedTo, ranMs } = admitted;
    const call = report(verdict, ranMs);
    const ctx = context({ failureThreshold });
    expect(settle(circuit, counted(admittedTo), call, ctx)?.operation).toBe(operation);
    const late = { ...admittedTo, generation: 6 };
    expect(settle(circuit, counted(late), call, ctx)).toBeUndefined();
    const forced = { ...circuit, override: 'FORCED_CLOSED' } as const;
    expect(settle(forced, counted(admittedTo), call, ctx)).toBeUndefined();
  });

  it.each([open, halfOpen, probing])('changes nothing while $state', (circuit) => {
    for (const verdict of ['success', 'failure', 'ignored'] as const)
      for (const failureThreshold of [1, 3]) {
        const call = report(verdict, 2_000);
        const ctx = context({ failureThreshold });
        const permit = { kind: 'counted', circuit: failing } as const;
        expect(settle(circuit, permit, call, ctx)).toBeUndefined();
      }
  });
});

describe('The result of a counted call, where a share of failures is borne', () => {
  const scored = (streakScore: number) => ({ ...failing, streakScore });
  const young = { ...scored(8), streakStartedAtMs: NOW_MS - 59 };
  const old = { ...scored(8), updatedAtMs: NOW_MS - 30_000 };

  it.each<[Verdict, string, ClosedCircuit, number, string | undefined]>([
    ['failure', 'no streak', closed, 0.5, 'openStreak'],
    ['failure', 'a streak run out', old, 0.5, 'openStreak'],
    ['failure', 'a score of 8', scored(8), 0.5, 'countFailure'],
    ['failure', 'a score of 8.75', scored(8.75), 0.2, 'countFailure'],
    ['failure', 'a score of 9', scored(9), 0.5, 'trip'],
    ['failure', 'a score of 9.25', scored(9.25), 0.2, 'trip'],
    ['failure', 'a streak too young', young, 0.5, undefined],
    ['success', 'no streak', closed, 0.5, undefined],
    ['success', 'a streak run out', old, 0.5, undefined],
    ['success', 'a score of 8', scored(8), 0.5, 'forgive'],
    ['success', 'a score of 1', scored(1), 0.5, 'clearStreak'],
    ['success', 'a score of 1', scored(1), 0.2, 'forgive'],
    ['success', 'a score of 0.25', scored(0.25), 0.2, 'clearStreak'],
    ['success', 'a score of 0', scored(0), 0.5, 'clearStreak'],
    ['success', 'a score of 8', scored(8), 0.9, 'clearStreak'],
    ['success', 'a streak too young', young, 0.5, undefined],
    ['ignored', 'a score of 8', scored(8), 0.5, undefined],
  ])('%s, on %s, rate %d %#', (verdict, _, circuit, failureRate, operation) => {
    const ctx = context({ failureThreshold: 10, failureRate });
    const write = settle(circuit, counted(failing), report(verdict, 20), ctx);
    expect(write?.operation).toBe(operation);
  });
});

it.each([
  [3, 0, 'countFailure'],
  [3, 1, 'trip'],
  [4, 1, 'countFailure'],
  [4, 2, 'trip'],
])(
  'A hasty failure trips, at a threshold of %i, on a score of %i, where one more is needed: %s',
  (failureThreshold, streakScore, operation) => {
    const call = report('failure', 20, { isHasty: true });
    const circuit = { ...failing, streakScore };
    const write = settle(circuit, counted(circuit), call, context({ failureThreshold }));
    expect(write?.operation).toBe(operation);
  },
);

describe('Of the results that change nothing', () => {
  const ignorant = { ...failing, streakId: 3 };

  it.each<[string, Verdict, ClosedCircuit, ClosedCircuit]>([
    ['a failure that did not meet the streak', 'failure', failing, ignorant],
    ['a success that did not meet the streak', 'success', failing, ignorant],
    ['a success after its streak', 'success', closed, failing],
  ])('one in eight is counted, for all of them: %s', (_, verdict, current, admittedTo) => {
    const settled = (random: number) =>
      settle(current, counted(admittedTo), report(verdict, 20, { calls: 3 }), context({ random }));
    expect(settled(0.125)).toBeUndefined();
    expect(settled(0.124)).toMatchObject({ operation: 'countReports', set: { sampledCalls: 24 } });
  });

  it.each<[string, Verdict, ClosedCircuit]>([
    ['a success where no streak was', 'success', closed],
    ['what says nothing', 'ignored', failing],
  ])('none is counted of %s', (_, verdict, circuit) => {
    const call = report(verdict, 20);
    expect(settle(circuit, counted(circuit), call, context({ random: 0 }))).toBeUndefined();
  });

  it('none creates an item that was deleted meanwhile', () => {
    const before = { ...failing, generation: 0 };
    const call = report('success', 20);
    const ctx = context({ random: 0 });
    expect(settle(ABSENT_CIRCUIT, counted(before), call, ctx)).toBeUndefined();
  });
});

describe('The result of a probe', () => {
  const once = { max: 1, need: 1 };
  const twoOfThree = { max: 3, need: 2 };
  const threeOfThree = { max: 3, need: 3 };

  it.each<[Verdict, number, number, { max: number; need: number }, string]>([
    ['success', 0, 0, once, 'recover'],
    ['failure', 0, 0, once, 'reopen'],
    ['ignored', 0, 0, once, 'reportProbe'],
    ['success', 0, 0, twoOfThree, 'reportProbe'],
    ['success', 0, 1, twoOfThree, 'reportProbe'],
    ['success', 1, 0, twoOfThree, 'recover'],
    ['success', 1, 1, twoOfThree, 'recover'],
    ['failure', 0, 0, twoOfThree, 'reportProbe'],
    ['failure', 1, 0, twoOfThree, 'reportProbe'],
    ['failure', 0, 1, twoOfThree, 'reopen'],
    ['failure', 1, 1, twoOfThree, 'reopen'],
    ['ignored', 1, 1, twoOfThree, 'reportProbe'],
    ['success', 2, 0, threeOfThree, 'recover'],
    ['failure', 2, 0, threeOfThree, 'reopen'],
  ])(
    '%s after %i successes and %i failures, of %o: %s',
    (verdict, ok, failed, probes, expected) => {
      const circuit: HalfOpenCircuit = {
        ...probing,
        probesIssued: ok + failed + 1,
        probesOk: ok,
        probesFailed: failed,
      };
      const call = report(verdict, 20);
      const settled = (current: Circuit, admittedTo: HalfOpenCircuit) =>
        settle(current, { kind: 'probe', circuit: admittedTo }, call, context({ probes }));
      const write = settled(circuit, circuit);
      expect(write?.operation).toBe(expected);
      const counters = {
        success: { probesOk: ok + 1 },
        failure: { probesFailed: failed + 1 },
        ignored: { probesIssued: ok + failed },
      };
      if (expected === 'reportProbe') expect(write?.set).toMatchObject(counters[verdict]);
      expect(settled(circuit, { ...circuit, generation: 6 })).toBeUndefined();
      const asItself = { attribute: 'probeOwner', is: 'equal', value: 'me#1' };
      expect(settled(circuit, { ...circuit, probeOwner: 'me#1' })?.conditions).toContainEqual(
        asItself,
      );
      expect(settled({ ...open, generation: 6 }, circuit)).toEqual(write);
    },
  );
});

it.each(['success', 'failure', 'ignored'] as const)(
  'The result of an uncounted call writes nothing: %s',
  (verdict) => {
    const call = report(verdict, 2_000);
    for (const circuit of [closed, failing, open, halfOpen, probing])
      expect(settle(circuit, { kind: 'uncounted' }, call, context())).toBeUndefined();
  },
);
