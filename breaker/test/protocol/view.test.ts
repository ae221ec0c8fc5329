import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT_CIRCUIT, type Circuit, isOlder } from '../../src/protocol/circuit.ts';
import { ageOf, maxAgeMs, observe, UNOBSERVED, type View } from '../../src/protocol/view.ts';
import { closed, failing, halfOpen, NOW_MS, open, probing } from '../support/circuits.ts';
import { runs } from '../support/property.ts';

const MINUTE = 60_000;
const at = (nowMs: number, random: number) => ({ nowMs, random, maxOpenMs: 60_000, rampMs: 0 });
const observed = (circuit: Circuit, agoMs: number): View =>
  observe(UNOBSERVED, circuit, at(NOW_MS - agoMs, 0));
const isStale = (view: View, nowMs: number, ttlMs: number): boolean =>
  ageOf(view, nowMs) >= maxAgeMs(view, nowMs, ttlMs);

describe('A view', () => {
  const two = { ...failing, streakScore: 2, streakReports: 2 };
  const forgiven = { ...two, streakScore: 1, streakReports: 3 };
  const cleared = closed;
  const nextStreak = { ...failing, streakId: 5 };

  it.each<[string, Circuit, Circuit]>([
    ['no item, then one', ABSENT_CIRCUIT, closed],
    ['a generation, then the next', probing, { ...open, generation: 8 }],
    ['one failure, then two', failing, two],
    ['two failures, then one of them forgiven', two, forgiven],
    ['a streak, then none', two, cleared],
    ['a streak, then the next', two, nextStreak],
    ['no streak, then the next', cleared, nextStreak],
  ])('takes what is later and ignores what is earlier: %s', (_, earlier, later) => {
    expect(isOlder(earlier, later)).toBe(true);
    expect(isOlder(later, earlier)).toBe(false);
    const view = observed(earlier, 100);
    expect(observe(view, later, at(NOW_MS, 0))).toMatchObject({
      circuit: later,
      observedAtMs: NOW_MS,
    });
    const known = observed(later, 100);
    expect(observe(known, earlier, at(NOW_MS, 0))).toBe(known);
  });

  it.each<[string, Circuit, Circuit]>([
    ['the same', two, two],
    ['two of one half-open period', probing, { ...halfOpen, probesOk: 1 }],
    ['a state edited manually', open, closed],
  ])('takes either where none is certainly earlier: %s', (_, a, b) => {
    expect([isOlder(a, b), isOlder(b, a)]).toEqual([false, false]);
    expect(observe(observed(a, 100), b, at(NOW_MS, 0)).circuit).toBe(b);
  });

  it('never goes back, whatever order the items come in', () => {
    const circuit = fc
      .record({
        base: fc.constantFrom<Circuit>(closed, failing, two, open, halfOpen, probing),
        generation: fc.nat(5),
        streakId: fc.nat(3),
      })
      .map(({ base, ...numbers }) => ({ ...base, ...numbers }));
    const property = fc.property(fc.array(fc.tuple(circuit, fc.nat(10_000))), (items) => {
      let view = UNOBSERVED;
      let nowMs = NOW_MS;
      for (const [item, passedMs] of items) {
        nowMs += passedMs;
        const next = observe(view, item, at(nowMs, 0));
        expect(isOlder(next.circuit, view.circuit)).toBe(false);
        view = next;
      }
    });
    fc.assert(property, runs(300));
  });
});

describe('The wait of an open period', () => {
  /** What an instance makes of a period of 5 s that began 100 ms before its read. */
  const seenBy = (clocks: { writerMs?: number; readerMs?: number }, observedAgoMs: number) => {
    const { writerMs = 0, readerMs = 0 } = clocks;
    const nowMs = NOW_MS + readerMs;
    const before = observe(UNOBSERVED, { ...closed, generation: 6 }, at(nowMs - observedAgoMs, 0));
    const circuit = { ...open, openUntilMs: open.openUntilMs + writerMs };
    return observe(before, circuit, at(nowMs, 0)).waitUntilMs - nowMs;
  };

  it('ends when its writer said, by true clocks', () => {
    expect(seenBy({}, 300)).toBe(4_900);
  });

  it.each([
    ["the writer's is a minute fast", { writerMs: MINUTE }, 5_000],
    ["the writer's is a minute slow", { writerMs: -MINUTE }, 4_700],
    ["the reader's is a minute fast", { readerMs: MINUTE }, 4_700],
    ["the reader's is a minute slow", { readerMs: -MINUTE }, 5_000],
  ])(
    'is as long as its writer said, give or take the time between two reads, though %s',
    (_, clocks, waitMs) => {
      expect(seenBy(clocks, 300)).toBe(waitMs);
    },
  );

  it('is never longer than its duration from its first read, which is not forgotten', () => {
    const far = { ...open, openUntilMs: NOW_MS + 1e12 };
    const first = observe(UNOBSERVED, far, at(NOW_MS, 0));
    const again = observe(first, far, at(NOW_MS + 3_000, 0));
    expect([first.waitUntilMs, again.waitUntilMs]).toEqual([NOW_MS + 5_000, NOW_MS + 5_000]);
  });

  it('begins anew, and no longer, when the clock of this instance is set back', () => {
    const view = observe(observed(open, 0), open, at(NOW_MS - MINUTE, 0));
    expect(view.waitUntilMs).toBe(NOW_MS - MINUTE + 5_000);
  });

  it('goes on when an override is applied and released', () => {
    const released = { ...open, generation: 9 };
    expect(observe(observed(open, 100), released, at(NOW_MS, 0.9)).waitUntilMs).toBe(
      open.openUntilMs,
    );
  });

  it('follows a manual edit of its end', () => {
    const moved = { ...open, openUntilMs: NOW_MS + 10 };
    expect(observe(observed(open, 100), moved, at(NOW_MS, 0)).waitUntilMs).toBe(NOW_MS + 10);
  });

  it.each([
    [5_000, 250],
    [1_000, 100],
  ])('of %i ms is spread over the instances by at most %i ms', (openDurationMs, spreadMs) => {
    const circuit = { ...open, openDurationMs, openUntilMs: NOW_MS + openDurationMs };
    const waitUntilMs = (random: number) =>
      observe(UNOBSERVED, circuit, at(NOW_MS, random)).waitUntilMs;
    expect(waitUntilMs(0.5) - waitUntilMs(0)).toBe(spreadMs / 2);
  });
});

describe('The slow return', () => {
  const recovered = { ...closed, closedAtMs: NOW_MS - 100, generation: 8 };
  const leftMs = (circuit: Circuit, random = 0, rampMs = 10_000, agoMs = 300) => {
    const before = observe(UNOBSERVED, probing, at(NOW_MS - agoMs, 0));
    return observe(before, circuit, { ...at(NOW_MS, random), rampMs }).waitUntilMs - NOW_MS;
  };

  it('ends for all instances at once', () => {
    expect(leftMs(recovered)).toBe(9_900);
    expect(leftMs(recovered, 0.99)).toBe(9_900);
  });

  it.each([
    ['fast', MINUTE, 10_000],
    ['slow', -MINUTE, 9_700],
  ])(
    "is as long as it should be, give or take the time between two reads, though the prober's clock is %s",
    (_, skewMs, expected) => {
      expect(leftMs({ ...recovered, closedAtMs: recovered.closedAtMs + skewMs })).toBe(expected);
    },
  );

  it('is none for a circuit that never recovered, nor where it is not asked for', () => {
    expect(leftMs({ ...closed, generation: 8 })).toBeLessThan(0);
    expect(leftMs(recovered, 0, 0)).toBeLessThan(0);
  });

  it('goes on while streaks come and go', () => {
    const ramp = { ...at(NOW_MS, 0), rampMs: 10_000 };
    const first = observe(UNOBSERVED, recovered, ramp);
    const failed = { ...failing, closedAtMs: recovered.closedAtMs, generation: 8 };
    const later = observe(first, failed, { ...ramp, nowMs: NOW_MS + 5_000 });
    expect(later.waitUntilMs).toBe(first.waitUntilMs);
  });
});

describe('The lease of a probe', () => {
  it.each([MINUTE, -MINUTE])(
    'ends one lease after it was first read at the latest, by a clock %i ms off',
    (offMs) => {
      const circuit = {
        ...probing,
        updatedAtMs: probing.updatedAtMs + offMs,
        probeLeaseUntilMs: NOW_MS + 2_900 + offMs,
      };
      const view = observe(observed({ ...open, generation: 6 }, 200), circuit, at(NOW_MS, 0));
      expect(view.waitUntilMs - NOW_MS).toBeLessThanOrEqual(3_000);
      expect(view.waitUntilMs - NOW_MS).toBeGreaterThanOrEqual(2_800);
    },
  );

  it('lasts, by true clocks, until its writer said, however early it was asked for', () => {
    const { probeLeaseUntilMs = 0, updatedAtMs } = probing;
    const duration = probeLeaseUntilMs - updatedAtMs;
    const late = { ...at(updatedAtMs + 50, 0), askedAtMs: updatedAtMs - 2 * duration };
    const view = observe(UNOBSERVED, probing, late);
    expect(view.waitUntilMs).toBe(probeLeaseUntilMs);
    expect(view.observedAtMs).toBe(late.askedAtMs);
  });

  it('is none while no probe is under way', () => {
    expect(
      observe(observed(probing, 100), halfOpen, at(NOW_MS, 0.9)).waitUntilMs,
    ).toBeLessThanOrEqual(NOW_MS);
  });
});

describe('A view is used without a read', () => {
  const forced = { ...closed, override: 'FORCED_CLOSED' } as const;
  const due = { ...open, openUntilMs: NOW_MS - 1_000 };
  const longOpen = { ...open, openUntilMs: NOW_MS + 30_000, openDurationMs: 60_000 };

  it.each<[string, Circuit, number, number]>([
    ['never while closed, by default', closed, 0, -1],
    ['for its TTL while closed, less a fifth here', closed, 250, 199],
    ['for 5 s while open', longOpen, 250, 4_999],
    ['for 5 ms when the open period is over', due, 250, 5],
    ['for 20 ms while half-open', probing, 0, 19],
    ['for its TTL while half-open, if that is longer', probing, 250, 249],
    ['for 5 ms while half-open with no probe under way', halfOpen, 250, 5],
    ['for 5 s while forced', forced, 0, 4_999],
    ['for its TTL when the override has run out', { ...forced, overrideUntilMs: NOW_MS }, 250, 199],
  ])('%s', (_, circuit, ttlMs, lastMs) => {
    if (lastMs >= 0) expect(isStale(observed(circuit, lastMs), NOW_MS, ttlMs)).toBe(false);
    expect(isStale(observed(circuit, lastMs + 1), NOW_MS, ttlMs)).toBe(true);
  });

  it.each([
    [0, 200],
    [0.5, 250],
    [0.999, 299],
  ])('for its TTL while closed, give or take a fifth: %f', (random, lastMs) => {
    const view = observe(UNOBSERVED, closed, at(NOW_MS - lastMs + 1, random));
    expect(isStale(view, NOW_MS, 250)).toBe(false);
    expect(isStale(view, NOW_MS + 2, 250)).toBe(true);
  });

  it('never when nothing was observed, or when it is dated in the future', () => {
    expect(isStale(UNOBSERVED, NOW_MS, 1e9)).toBe(true);
    for (const circuit of [closed, longOpen, probing, forced])
      expect(isStale(observed(circuit, -1), NOW_MS, 1e9)).toBe(true);
  });
});

describe('To the millisecond', () => {
  it('a view has no age at the moment of its observation', () => {
    expect(ageOf(observed(closed, 0), NOW_MS)).toBe(0);
  });

  it('a wait is over at its end', () => {
    const view = observed(open, 100);
    expect(maxAgeMs(view, open.openUntilMs - 1, 0)).toBe(5_000);
    expect(maxAgeMs(view, open.openUntilMs, 0)).toBe(6);
  });

  it('a wait with the whole spread of the claims is kept', () => {
    const longest = { ...open, openUntilMs: NOW_MS + open.openDurationMs };
    const view = observe(UNOBSERVED, longest, at(NOW_MS, 1));
    expect(view.waitUntilMs).toBe(longest.openUntilMs + 250);
    expect(observe(view, longest, at(NOW_MS, 0)).waitUntilMs).toBe(view.waitUntilMs);
  });

  it('the longest open period with its jitter is believed, and no longer one', () => {
    const maxOpenMs = 30_000;
    for (const openDurationMs of [33_000, 33_001, 1e12]) {
      const circuit = { ...open, openDurationMs, openUntilMs: NOW_MS + openDurationMs };
      const { waitUntilMs } = observe(UNOBSERVED, circuit, { ...at(NOW_MS, 0), maxOpenMs });
      expect(waitUntilMs - NOW_MS).toBeCloseTo(33_000);
    }
  });
});

it('The lease of the next probe begins after the last look, though its writer has a slow clock', () => {
  const first = observed(probing, 200);
  const slow = {
    ...probing,
    updatedAtMs: NOW_MS - MINUTE,
    probeLeaseUntilMs: NOW_MS - MINUTE + 3_000,
  };
  expect(observe(first, slow, at(NOW_MS, 0)).waitUntilMs).toBe(NOW_MS - 200 + 3_000);
});

it('Where nothing was observed, and where the circuit is closed, there is nothing to wait for', () => {
  const nothing = { circuit: ABSENT_CIRCUIT, observedAtMs: -Infinity, maxAgeFactor: 1 };
  expect(UNOBSERVED).toEqual({ ...nothing, waitUntilMs: -Infinity });
  expect(observed(closed, 0).waitUntilMs).toBe(-Infinity);
});
