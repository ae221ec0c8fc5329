import { describe, expect, it } from 'vitest';
import type { Circuit, ClosedCircuit, HalfOpenCircuit } from '../src/state.ts';
import { admit, countedWrite, probeWrite, type Ticket, type Verdict } from '../src/transitions.ts';
import { closed, failing, halfOpen, NOW_MS, open, probing, writer } from './support/circuits.ts';

const COUNTED = { kind: 'counted', generation: 7 } as const;
const states = {
  closed,
  'closed with a streak': failing,
  open,
  'half-open': halfOpen,
  'half-open with a probe under way': probing,
};

describe('A call', () => {
  const admitted = (ticket: Ticket) => ({ kind: 'admit', ticket });
  const refused = (retryAfterMs: number) => ({ kind: 'refuse', retryAfterMs });
  const claimed = (operation: string) => ({ kind: 'claim', write: { operation } });
  const isOver = true;

  it.each([
    ['is counted while closed', closed, false, admitted({ ...COUNTED, streakId: undefined })],
    ['knows the streak that it met', failing, false, admitted({ ...COUNTED, streakId: 4 })],
    ['is refused until the open period is over', open, false, refused(400)],
    ['claims the probe when it is over', open, isOver, claimed('claimProbe')],
    ['claims the next probe when none is under way', halfOpen, isOver, claimed('nextProbe')],
    ['waits for its time alone even then', halfOpen, false, refused(400)],
    ['is refused while a probe is under way', probing, false, refused(400)],
    ['takes over when the lease is over', probing, isOver, claimed('takeOverProbe')],
  ])('%s', (_, circuit, over, expected) => {
    const waitUntilMs = over ? NOW_MS : NOW_MS + 400;
    expect(admit(circuit, waitUntilMs, writer())).toMatchObject(expected);
    const ranOut = { ...circuit, override: 'FORCED_OPEN', overrideUntil: NOW_MS } as Circuit;
    expect(admit(ranOut, waitUntilMs, writer())).toMatchObject(expected);
  });

  it.each(Object.entries(states))('obeys an operator whatever else: %s', (_, circuit) => {
    const forced = (override: string, overrideUntil?: number) => {
      const circuitForced = { ...circuit, override, ...(overrideUntil && { overrideUntil }) };
      return admit(circuitForced as Circuit, -Infinity, writer());
    };
    expect(forced('FORCED_CLOSED')).toEqual(admitted({ kind: 'uncounted' }));
    expect(forced('FORCED_CLOSED', NOW_MS + 1)).toEqual(admitted({ kind: 'uncounted' }));
    expect(forced('FORCED_OPEN', NOW_MS + 1)).toEqual(refused(1));
    expect(forced('FORCED_OPEN')).toEqual(refused(5_000));
  });

  it.each([
    ['30 s ago', -30_000, undefined],
    ['29.999 s ago', -29_999, 4],
    ['in 29.999 s, by a fast clock', 29_999, 4],
    ['in 30 s, by a fast clock', 30_000, undefined],
  ])('meets a streak only within its window: begun %s', (_, agoMs, streakId) => {
    const circuit = { ...failing, streakStartedAt: NOW_MS + agoMs };
    expect(admit(circuit, 0, writer())).toMatchObject({ ticket: { streakId } });
  });
});

describe('The outcome of a counted call', () => {
  const two = { ...failing, streakFailures: 2 };
  const four = { ...failing, streakFailures: 4 };
  const old = { ...two, streakStartedAt: NOW_MS - 30_000 };
  /** Whether the call met streak 4, met an earlier one, or none; and whether it outran darkMs. */
  const met = { streakId: 4, ranMs: 20 };
  const metEarlier = { streakId: 3, ranMs: 20 };
  const metNone = { streakId: undefined, ranMs: 250 };
  const ranLong = { streakId: undefined, ranMs: 251 };

  it.each<
    [Verdict, string, ClosedCircuit, number, typeof ranLong | typeof met, string | undefined]
  >([
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
    const outcome = { verdict, ranMs: call.ranMs, cause: 'Error' };
    const ticket = { ...COUNTED, streakId: call.streakId };
    const by = writer({ failureThreshold });
    expect(countedWrite(circuit, ticket, outcome, by)?.operation).toBe(operation);
    const late = { ...ticket, generation: 6 };
    expect(countedWrite(circuit, late, outcome, by)).toBeUndefined();
    const forced = { ...circuit, override: 'FORCED_CLOSED' } as const;
    expect(countedWrite(forced, ticket, outcome, by)).toBeUndefined();
  });

  it.each([open, halfOpen, probing])('changes nothing while $state', (circuit) => {
    for (const verdict of ['success', 'failure', 'ignored'] as const)
      for (const failureThreshold of [1, 3]) {
        const outcome = { verdict, ranMs: 2_000, cause: 'Error' };
        const by = writer({ failureThreshold });
        expect(countedWrite(circuit, { ...COUNTED, streakId: 4 }, outcome, by)).toBeUndefined();
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
      const write = probeWrite({ kind: 'probe', circuit }, outcome, writer({ probes }));
      expect(write.operation).toBe(expected);
      const counters = {
        success: { probesOk: ok + 1 },
        failure: { probesFailed: failed + 1 },
        ignored: { probesIssued: ok + failed },
      };
      if (expected === 'reportProbe') expect(write.set).toMatchObject(counters[verdict]);
    },
  );
});
