import { describe, expect, it } from 'vitest';
import type { Permit } from '../../src/protocol/admit.ts';
import type { Circuit, ClosedCircuit, HalfOpenCircuit } from '../../src/protocol/circuit.ts';
import { hasLiveStreak, settle, type Verdict } from '../../src/protocol/settle.ts';
import { closed, context, failing, halfOpen, NOW_MS, open, probing } from '../support/circuits.ts';

describe('The result of a counted call', () => {
  const two = { ...failing, streakFailures: 2 };
  const four = { ...failing, streakFailures: 4 };
  const old = { ...two, streakStartedAtMs: NOW_MS - 30_000 };
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
    const counted = (to: ClosedCircuit): Permit => ({ kind: 'counted', circuit: to });
    const call = { verdict, ranMs, cause: 'Error' };
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
        const call = { verdict, ranMs: 2_000, cause: 'Error' };
        const ctx = context({ failureThreshold });
        const permit = { kind: 'counted', circuit: failing } as const;
        expect(settle(circuit, permit, call, ctx)).toBeUndefined();
      }
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
      const call = { verdict, ranMs: 20, cause: 'Error' };
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
    const call = { verdict, ranMs: 2_000, cause: 'Error' };
    for (const circuit of [closed, failing, open, halfOpen, probing])
      expect(settle(circuit, { kind: 'uncounted' }, call, context())).toBeUndefined();
  },
);

describe('A streak', () => {
  it.each([
    ['30 s ago', -30_000, false],
    ['29.999 s ago', -29_999, true],
    ['in 29.999 s, by a fast clock', 29_999, true],
    ['in 30 s, by a fast clock', 30_000, false],
  ])('lives only within its window: begun %s', (_, agoMs, isLive) => {
    const circuit = { ...failing, streakStartedAtMs: NOW_MS + agoMs };
    expect(hasLiveStreak(circuit, NOW_MS, 30_000)).toBe(isLive);
    for (const none of [closed, open, probing])
      expect(hasLiveStreak(none, NOW_MS, 30_000)).toBe(false);
  });
});
