import { describe, expect, it } from 'vitest';
import type { Circuit, ClosedCircuit, HalfOpenCircuit } from '../src/state.ts';
import { admit, hasLiveStreak, report, type Ticket, type Verdict } from '../src/transitions.ts';
import type { View } from '../src/view.ts';
import { closed, failing, halfOpen, NOW_MS, open, probing, writer } from './support/circuits.ts';

const states = {
  closed,
  'closed with a streak': failing,
  open,
  'half-open': halfOpen,
  'half-open with a probe under way': probing,
};

const viewOf = (circuit: Circuit, waitUntilMs: number): View => ({
  circuit,
  waitUntilMs,
  seenAtMs: NOW_MS,
});

describe('A call', () => {
  const admitted = (ticket: Ticket | undefined) => ({ kind: 'admit', ticket });
  const refused = (retryAfterMs: number) => ({ kind: 'refuse', retryAfterMs });
  const claimed = (operation: string) => ({ kind: 'claim', write: { operation } });
  const isOver = true;

  it.each([
    ['is counted while closed', closed, false, admitted(closed)],
    ['knows the streak that it met', failing, false, admitted(failing)],
    ['is refused until the open period is over', open, false, refused(400)],
    ['claims the probe when it is over', open, isOver, claimed('claimProbe')],
    ['claims the next probe when none is under way', halfOpen, isOver, claimed('nextProbe')],
    ['waits for its time alone even then', halfOpen, false, refused(400)],
    ['is refused while a probe is under way', probing, false, refused(400)],
    ['takes over when the lease is over', probing, isOver, claimed('takeOverProbe')],
  ])('%s', (_, circuit, over, expected) => {
    const waitUntilMs = over ? NOW_MS : NOW_MS + 400;
    expect(admit(viewOf(circuit, waitUntilMs), writer())).toMatchObject(expected);
    const ranOut = { ...circuit, override: 'FORCED_OPEN', overrideUntil: NOW_MS } as Circuit;
    expect(admit(viewOf(ranOut, waitUntilMs), writer())).toMatchObject(expected);
  });

  it.each(Object.entries(states))('obeys an operator whatever else: %s', (_, circuit) => {
    const forced = (override: string, overrideUntil?: number) => {
      const circuitForced = { ...circuit, override, ...(overrideUntil && { overrideUntil }) };
      return admit(viewOf(circuitForced as Circuit, -Infinity), writer());
    };
    expect(forced('FORCED_CLOSED')).toEqual(admitted(undefined));
    expect(forced('FORCED_CLOSED', NOW_MS + 1)).toEqual(admitted(undefined));
    expect(forced('FORCED_OPEN', NOW_MS + 1)).toEqual(refused(1));
    expect(forced('FORCED_OPEN')).toEqual(refused(5_000));
  });

  it.each([
    ['30 s ago', -30_000, false],
    ['29.999 s ago', -29_999, true],
    ['in 29.999 s, by a fast clock', 29_999, true],
    ['in 30 s, by a fast clock', 30_000, false],
  ])('meets a streak only within its window: begun %s', (_, agoMs, isLive) => {
    const circuit = { ...failing, streakStartedAt: NOW_MS + agoMs };
    expect(hasLiveStreak(circuit, writer())).toBe(isLive);
    for (const none of [closed, open, probing]) expect(hasLiveStreak(none, writer())).toBe(false);
  });
});

describe('The outcome of a counted call', () => {
  const two = { ...failing, streakFailures: 2 };
  const four = { ...failing, streakFailures: 4 };
  const old = { ...two, streakStartedAt: NOW_MS - 30_000 };
  /** Whether the call met streak 4, met an earlier one, or none; and whether it outran darkMs. */
  const earlier = { ...closed, streakId: 3 };
  const met = { ticket: failing, ranMs: 20 };
  const metEarlier = { ticket: { ...failing, streakId: 3 }, ranMs: 20 };
  const metNone = { ticket: earlier, ranMs: 250 };
  const ranLong = { ticket: earlier, ranMs: 251 };

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
  ])('%s, on %s (%#)', (verdict, _, circuit, failureThreshold, call, operation) => {
    const { ticket, ranMs } = call;
    const outcome = { verdict, ranMs, cause: 'Error' };
    const by = writer({ failureThreshold });
    expect(report(circuit, ticket, outcome, by)?.operation).toBe(operation);
    const late = { ...ticket, generation: 6 };
    expect(report(circuit, late, outcome, by)).toBeUndefined();
    const forced = { ...circuit, override: 'FORCED_CLOSED' } as const;
    expect(report(forced, ticket, outcome, by)).toBeUndefined();
  });

  it.each([open, halfOpen, probing])('changes nothing while $state', (circuit) => {
    for (const verdict of ['success', 'failure', 'ignored'] as const)
      for (const failureThreshold of [1, 3]) {
        const outcome = { verdict, ranMs: 2_000, cause: 'Error' };
        const by = writer({ failureThreshold });
        expect(report(circuit, failing, outcome, by)).toBeUndefined();
      }
  });
});

describe('The outcome of a probe', () => {
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
      const outcome = { verdict, ranMs: 20, cause: 'Error' };
      const write = report(circuit, circuit, outcome, writer({ probes }));
      expect(write?.operation).toBe(expected);
      const counters = {
        success: { probesOk: ok + 1 },
        failure: { probesFailed: failed + 1 },
        ignored: { probesIssued: ok + failed },
      };
      if (expected === 'reportProbe') expect(write?.set).toMatchObject(counters[verdict]);
      const ofTicket = (ticket: HalfOpenCircuit) =>
        report(circuit, ticket, outcome, writer({ probes }));
      expect(ofTicket({ ...circuit, generation: 6 })).toBeUndefined();
      const asItself = { attribute: 'probeOwner', is: 'equal', value: 'me#1' };
      expect(ofTicket({ ...circuit, probeOwner: 'me#1' })?.conditions).toContainEqual(asItself);
      expect(report({ ...open, generation: 6 }, circuit, outcome, writer({ probes }))).toEqual(
        write,
      );
    },
  );
});
