/** Which calls get a permit. */
import { describe, expect, it } from 'vitest';
import { CircuitOpenError } from '../src/errors.ts';
import { closed, NOW_MS, open, probing } from './support/circuits.ts';
import { type Answer, gateWith, type State } from './support/gate.ts';

describe('Before a call the view is refreshed', () => {
  it.each([
    ['if it does not serve any more', undefined, 7, 7],
    ['only if it is older than a read that was begun ahead', Promise.resolve(), 7, 250],
    ['not before its time because of such a read', Promise.resolve(), 5_000, 5_000],
  ])('%s', async (_, prefetched, maxAgeMs, ageMs) => {
    const { gate, log } = gateWith({ maxAgeMs });
    await gate.refresh(prefetched);
    expect(log).toEqual([`refresh ${ageMs}`]);
  });

  it('only if it does not serve any more', () => {
    const { gate } = gateWith({ maxAgeMs: 7 });
    expect([6, 7].map((ageMs) => gate.isFresh(NOW_MS + ageMs))).toEqual([true, false]);
  });

  it.each([
    ['has ended', () => Promise.resolve()],
    ['has failed', () => Promise.reject(new Error('no'))],
  ])('after the read that was begun ahead %s, which leaves no timer', async (_, end) => {
    const { gate, log, timers } = gateWith({});
    const turn = new Promise((resolve) => setImmediate(resolve));
    const prefetched = turn.then(() => void log.push('read ahead')).then(end);
    await gate.refresh(prefetched);
    expect([log, timers.size]).toEqual([['read ahead', 'refresh 250'], 0]);
  });

  it('after the time of a read that has to connect, though the one begun ahead never ends', async () => {
    const { gate, log, pass } = gateWith({});
    const refreshed = gate.refresh(new Promise(() => {}));
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    pass(499);
    await turn();
    expect(log).toEqual([]);
    pass(1);
    await refreshed;
    expect(log).toEqual(['refresh 250']);
  });
});

describe('A call', () => {
  const waiting = { circuit: open, waitUntilMs: NOW_MS + 400 };
  const forced = { ...open, override: 'FORCED_CLOSED' } as const;
  const CLOSED = { circuit: closed, fleetCircuit: closed };
  const counted = { kind: 'counted', circuit: closed };

  it.each<[string, Partial<State>, Answer[], readonly string[], object]>([
    ['is counted by a closed circuit', {}, [], [], counted],
    ['is uncounted under an override', { circuit: forced }, [], [], { kind: 'uncounted' }],
    [
      'is the probe if its claim is applied',
      { circuit: open },
      ['applied'],
      ['claimProbe'],
      { kind: 'probe', circuit: probing },
    ],
    [
      'is decided anew after a claim that was refused',
      { circuit: open },
      [{ kind: 'refused', leaves: CLOSED }],
      ['claimProbe'],
      counted,
    ],
    [
      'is decided anew after a second claim that was refused, too',
      { circuit: open },
      ['refused', { kind: 'refused', leaves: CLOSED }],
      ['claimProbe', 'claimProbe'],
      counted,
    ],
    [
      'is decided anew after a claim that got no answer',
      { circuit: open },
      [{ kind: 'unreachable', leaves: CLOSED }],
      ['claimProbe'],
      counted,
    ],
    [
      'is a trial in local mode if its claim is applied',
      { circuit: open, localId: 1 },
      ['applied'],
      ['claimProbe locally'],
      { kind: 'probe', circuit: probing },
    ],
    [
      "is the fleet's probe in local mode, if that is due and the claim is applied",
      { circuit: closed, fleetCircuit: open, fleetWaitUntilMs: NOW_MS, localId: 1 },
      [{ kind: 'applied', leaves: { localId: undefined } }],
      ['claimProbe'],
      { kind: 'probe', circuit: probing },
    ],
    [
      "is decided in local mode, if the fleet's probe cannot be claimed",
      { circuit: closed, fleetCircuit: open, fleetWaitUntilMs: NOW_MS, localId: 1 },
      ['throttled'],
      ['claimProbe'],
      counted,
    ],
    [
      "is decided in local mode, while the fleet's probe is not due",
      { circuit: closed, fleetCircuit: open, fleetWaitUntilMs: NOW_MS + 1, localId: 1 },
      [],
      [],
      counted,
    ],
    [
      'is decided in local mode, while the store is out of reach',
      {
        ...{ circuit: closed, fleetCircuit: open, fleetWaitUntilMs: NOW_MS },
        ...{ localId: 1, isStoreDown: true },
      },
      [],
      [],
      counted,
    ],
  ])('%s', async (_, own, answers, log, permit) => {
    const fixture = gateWith(own, answers);
    const admitted = await fixture.gate.admit();
    const { localId, fleetCircuit } = fixture.state;
    expect(admitted).toEqual({ permit, localId, fleetCircuit });
    expect(fixture.log).toEqual(log);
  });

  it.each<[string, Partial<State>, object | undefined]>([
    ['where a closed circuit counts it', {}, { permit: counted }],
    ['under an override', { circuit: forced }, { permit: { kind: 'uncounted' } }],
    ['where it is refused', waiting, { state: 'OPEN', retryAfterMs: 400 }],
    ['but where a probe is due', { circuit: open }, undefined],
    ['but in local mode', { localId: 1 }, undefined],
  ])('is decided without a promise %s', (_, own, decision) => {
    const { gate, log } = gateWith(own);
    const admitted = gate.admitAtOnce(NOW_MS);
    if (decision) expect(admitted).toMatchObject(decision);
    else expect(admitted).toBeUndefined();
    expect(log).toEqual([]);
  });

  it('claims the fleet’s probe in local mode once a second at most, whatever its clock does', async () => {
    const due = { circuit: closed, fleetCircuit: open, fleetWaitUntilMs: -Infinity, localId: 1 };
    const { gate, log, pass } = gateWith(due, ['throttled', 'throttled', 'throttled']);
    await gate.admit();
    pass(999);
    await gate.admit();
    expect(log).toHaveLength(1);
    pass(1);
    await gate.admit();
    expect(log).toHaveLength(2);
    pass(-60_000);
    await gate.admit();
    expect(log).toHaveLength(3);
  });

  it.each<[string, Partial<State>, Answer[], readonly string[], number]>([
    ['while there is a wait', waiting, [], [], 400],
    [
      'after two claims that were refused',
      { circuit: open },
      ['refused', 'refused'],
      ['claimProbe', 'claimProbe'],
      0,
    ],
    ['after a claim that was throttled', { circuit: open }, ['throttled'], ['claimProbe'], 0],
    [
      'if a claim finds the store out of reach, and there is a local wait',
      { circuit: open },
      [{ kind: 'unreachable', leaves: { waitUntilMs: NOW_MS + 5_000, localId: 1 } }],
      ['claimProbe'],
      5_000,
    ],
  ])('is refused %s', async (_, own, answers, log, retryAfterMs) => {
    const fixture = gateWith(own, answers);
    const refusal = await fixture.gate.admit();
    expect(refusal).toBeInstanceOf(CircuitOpenError);
    const { generation, reason } = open;
    const expected = { circuit: 'x', state: 'OPEN', generation, reason, retryAfterMs };
    expect(refusal).toMatchObject(expected);
    expect(fixture.log).toEqual(log);
  });

  it('is refused with the state that an override forces', async () => {
    const { gate } = gateWith({ circuit: { ...closed, override: 'FORCED_OPEN' } });
    expect(await gate.admit()).toMatchObject({ state: 'OPEN' });
  });
});
