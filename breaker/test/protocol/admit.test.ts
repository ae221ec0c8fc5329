import { describe, expect, it } from 'vitest';
import { admit, type Permit } from '../../src/protocol/admit.ts';
import type { Circuit } from '../../src/protocol/circuit.ts';
import type { View } from '../../src/protocol/view.ts';
import { closed, context, failing, halfOpen, NOW_MS, open, probing } from '../support/circuits.ts';

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
  observedAtMs: NOW_MS,
  maxAgeFactor: 1,
});

describe('A circuit that has recovered', () => {
  const rampMs = 10_000;
  const admitWith = (leftMs: number, random: number, circuit: Circuit = closed) =>
    admit(viewOf(circuit, NOW_MS + leftMs), context({ random, rampMs }));

  it.each([
    [10_000, 1 / 32],
    [8_000, 1 / 16],
    [4_000, 1 / 4],
    [1, 0.9996],
  ])('with %i ms left of its slow return admits a share of the calls: %d', (leftMs, share) => {
    expect(admitWith(leftMs, share - 0.0002)).toMatchObject({ kind: 'admit' });
    expect(admitWith(leftMs, share + 0.0002)).toMatchObject({ kind: 'refuse' });
  });

  it('refuses a draw of just the share, for draws begin at 0', () => {
    expect(admitWith(10_000, 1 / 32)).toMatchObject({ kind: 'refuse' });
  });

  it('says so to those that it refuses, and when their chance is twice as good', () => {
    const reason = 'recovering: 4 % of the calls are admitted';
    expect(admitWith(10_000, 0.99)).toEqual({ kind: 'refuse', retryAfterMs: 2_000, reason });
  });

  it.each([
    ['its slow return is over', 0],
    ['there was none', -Infinity],
  ])('admits every call once %s', (_, leftMs) => {
    expect(admitWith(leftMs, 0.9999)).toMatchObject({ kind: 'admit' });
  });

  it('admits every call if its clock was set back', () => {
    expect(admitWith(rampMs + 1, 0.9999)).toMatchObject({ kind: 'admit' });
  });

  it('admits every call while it is forced closed', () => {
    const forced = { ...closed, override: 'FORCED_CLOSED' } as const;
    expect(admitWith(10_000, 0.9999, forced)).toMatchObject({ kind: 'admit' });
  });
});

describe('A call', () => {
  const admitted = (permit: Permit) => ({ kind: 'admit', permit });
  const refused = (retryAfterMs: number) => ({ kind: 'refuse', retryAfterMs });
  const claimed = (operation: string) => ({ kind: 'claim', write: { operation } });
  const isOver = true;

  it.each([
    ['is counted while closed', closed, false, admitted({ kind: 'counted', circuit: closed })],
    [
      'is counted with the streak that it met',
      failing,
      false,
      admitted({ kind: 'counted', circuit: failing }),
    ],
    ['is refused until the open period is over', open, false, refused(400)],
    ['claims the probe when it is over', open, isOver, claimed('claimProbe')],
    ['claims the next probe when none is under way', halfOpen, isOver, claimed('nextProbe')],
    [
      'is refused while there is a wait, even with no probe under way',
      halfOpen,
      false,
      refused(400),
    ],
    ['is refused while a probe is under way', probing, false, refused(400)],
    ['takes over when the lease is over', probing, isOver, claimed('takeOverProbe')],
  ])('%s', (_, circuit, over, expected) => {
    const waitUntilMs = over ? NOW_MS : NOW_MS + 400;
    expect(admit(viewOf(circuit, waitUntilMs), context())).toMatchObject(expected);
    const ranOut = { ...circuit, override: 'FORCED_OPEN', overrideUntilMs: NOW_MS } as Circuit;
    expect(admit(viewOf(ranOut, waitUntilMs), context())).toMatchObject(expected);
  });

  it.each(Object.entries(states))('obeys an override whatever the state: %s', (_, circuit) => {
    const forced = (override: string, overrideUntilMs?: number) => {
      const circuitForced = { ...circuit, override, ...(overrideUntilMs && { overrideUntilMs }) };
      return admit(viewOf(circuitForced as Circuit, -Infinity), context());
    };
    expect(forced('FORCED_CLOSED')).toEqual(admitted({ kind: 'uncounted' }));
    expect(forced('FORCED_CLOSED', NOW_MS + 1)).toEqual(admitted({ kind: 'uncounted' }));
    expect(forced('FORCED_OPEN', NOW_MS + 1)).toEqual(refused(1));
    expect(forced('FORCED_OPEN')).toEqual(refused(5_000));
  });
});
