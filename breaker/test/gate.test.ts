/** Which calls get a permit, and where their results are written. */
import { describe, expect, it } from 'vitest';
import { CircuitOpenError } from '../src/errors.ts';
import type { Commit, Replica } from '../src/fleet/replica.ts';
import { Gate } from '../src/gate.ts';
import type { HeldPermit } from '../src/held-permit.ts';
import type { Permit } from '../src/protocol/admit.ts';
import type { Circuit, ClosedCircuit } from '../src/protocol/circuit.ts';
import type { Write } from '../src/protocol/conditional-write.ts';
import type { FinishedCall } from '../src/protocol/settle.ts';
import { UNOBSERVED } from '../src/protocol/view.ts';
import { closed, context, failing, NOW_MS, open, probing } from './support/circuits.ts';

/** What the replica answers to one commit, and what it is like afterwards. */
type Answer = Commit['kind'] | { readonly kind: Commit['kind']; readonly leaves: Partial<State> };

interface State {
  /** The circuit of the view. */
  circuit: Circuit;
  waitUntilMs: number;
  fleetCircuit: Circuit;
  fleetWaitUntilMs: number;
  localId: number | undefined;
  isStoreDown: boolean;
  maxAgeMs: number;
  canReport: boolean;
}

/** A gate before a replica of which only the answers are real. `log`: what the replica was asked. */
function gateWith(own: Partial<State>, answers: Answer[] = []) {
  const state: State = {
    circuit: closed,
    waitUntilMs: -Infinity,
    fleetCircuit: own.circuit ?? closed,
    fleetWaitUntilMs: Infinity,
    localId: undefined,
    isStoreDown: false,
    maxAgeMs: 0,
    canReport: true,
    ...own,
  };
  const log: string[] = [];
  const timers = new Map<() => void, number>();
  let nowMs = NOW_MS;
  function answer(): Commit {
    const next = answers.shift() ?? 'applied';
    const { kind, leaves } = typeof next === 'string' ? { kind: next, leaves: {} } : next;
    Object.assign(state, leaves);
    return kind === 'applied' ? { kind, circuit: probing } : { kind };
  }
  const replica = {
    get view() {
      return { ...UNOBSERVED, circuit: state.circuit, waitUntilMs: state.waitUntilMs };
    },
    get fleetCircuit() {
      return state.fleetCircuit;
    },
    get fleetView() {
      return { ...UNOBSERVED, circuit: state.fleetCircuit, waitUntilMs: state.fleetWaitUntilMs };
    },
    get localId() {
      return state.localId;
    },
    get isStoreDown() {
      return state.isStoreDown;
    },
    maxAgeMs: () => state.maxAgeMs,
    async refreshIfOlderThan(ageMs: number) {
      log.push(`refresh ${ageMs}`);
    },
    reportsOneIn: 1,
    async refreshByItemIfOlderThan(ageMs: number) {
      log.push(`refresh ${ageMs}`);
    },
    async canReport() {
      log.push('can report?');
      return state.canReport;
    },
    async commit({ operation }: Write) {
      log.push(operation);
      return answer();
    },
    commitLocally({ operation }: Write) {
      log.push(`${operation} locally`);
      return answer();
    },
  };
  const gate = new Gate(
    {
      name: 'x',
      clock: {
        now: () => nowMs,
        after(delayMs, callback) {
          timers.set(callback, nowMs + delayMs);
          return () => timers.delete(callback);
        },
      },
      random: () => 0,
      mirrors: 0,
      streakWindowMs: 30_000,
      storeBudget: { readMs: 60, writeMs: 120, connectMs: 500 },
    },
    replica as unknown as Replica,
    () => context({ nowMs }),
  );
  const pass = (ms: number) => {
    nowMs += ms;
    for (const [callback, atMs] of timers) {
      if (atMs > nowMs) continue;
      timers.delete(callback);
      callback();
    }
  };
  return { gate, log, state, answers, pass, timers };
}

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

describe('A result is written', () => {
  interface Row {
    readonly title: string;
    readonly permit?: Permit;
    readonly verdict?: 'success' | 'failure' | 'ignored';
    readonly ranMs?: number;
    /** What the holder of the permit knew. */
    readonly heldLocalId?: number;
    readonly heldFleetCircuit?: Circuit;
    readonly now?: Partial<State>;
    readonly answers?: Answer[];
    readonly log: readonly string[];
  }
  const ASK = 'can report?';
  const due: ClosedCircuit = { ...failing, streakScore: 2 };
  const counted = (circuit: ClosedCircuit): Permit => ({ kind: 'counted', circuit });
  const probe: Permit = { kind: 'probe', circuit: probing };
  const nowOpen = { circuit: open, fleetCircuit: open };

  it.each<Row>([
    { title: 'nowhere under an override', permit: { kind: 'uncounted' }, log: [] },
    { title: 'nowhere if it is a success and there is no streak', verdict: 'success', log: [] },
    {
      title: 'nowhere if it is no fair sample of the streak',
      permit: counted({ ...closed, streakId: 3 }),
      now: { fleetCircuit: due },
      log: [ASK],
    },
    { title: 'to the fleet', log: [ASK, 'openStreak'] },
    {
      title: 'after a read if the streak was known',
      permit: counted(failing),
      verdict: 'success',
      now: { fleetCircuit: failing },
      log: [ASK, 'refresh 20', 'clearStreak'],
    },
    {
      title: 'without a read if the streak that was known has run out',
      permit: counted({ ...failing, updatedAtMs: NOW_MS - 30_000 }),
      log: [ASK, 'openStreak'],
    },
    {
      title: 'after a read if the call ran longer than 250 ms',
      ranMs: 251,
      now: { fleetCircuit: due },
      log: [ASK, 'refresh 20', 'trip'],
    },
    { title: 'without a read if it did not', ranMs: 250, log: [ASK, 'openStreak'] },
    {
      title: 'nowhere, without a read, if it is ignored',
      verdict: 'ignored',
      ranMs: 251,
      log: [ASK],
    },
    {
      title: 'without a read if it is the probe’s',
      permit: probe,
      verdict: 'success',
      ranMs: 2_000,
      now: { circuit: probing, fleetCircuit: probing },
      log: [ASK, 'recover'],
    },
    {
      title: 'three times at most if the fleet refuses it',
      answers: ['refused', 'refused', 'refused'],
      log: [ASK, 'openStreak', 'openStreak', 'openStreak'],
    },
    {
      title: 'as what was observed demands, after a refusal',
      permit: counted(failing),
      now: { fleetCircuit: failing },
      answers: [{ kind: 'refused', leaves: { fleetCircuit: due } }],
      log: [ASK, 'refresh 20', 'countFailure', 'trip'],
    },
    {
      title: 'locally, too, if the fleet refuses it three times and there is a local mode',
      now: { localId: 1 },
      answers: ['refused', 'refused', 'refused'],
      log: [ASK, 'openStreak', 'openStreak', 'openStreak', 'openStreak locally'],
    },
    {
      title: 'locally if the fleet has nothing to write and there is a local mode',
      now: { localId: 1, fleetCircuit: open },
      log: [ASK, 'openStreak locally'],
    },
    {
      title: 'to the fleet, and not locally, if that accepts it',
      now: { localId: 1 },
      log: [ASK, 'openStreak'],
    },
    {
      title: 'locally if it cannot be reported',
      now: { canReport: false },
      log: [ASK, 'openStreak locally'],
    },
    {
      title: 'locally, and not asked for, if it is a success in an outage',
      permit: counted(failing),
      verdict: 'success',
      now: { isStoreDown: true, circuit: failing },
      log: ['clearStreak locally'],
    },
    {
      title: 'locally if the store gave no answer',
      answers: ['unreachable'],
      log: [ASK, 'openStreak', 'openStreak locally'],
    },
    {
      title: 'locally if the store went out of reach between two attempts',
      answers: [{ kind: 'refused', leaves: { isStoreDown: true } }],
      log: [ASK, 'openStreak', 'openStreak locally'],
    },
    {
      title: 'locally if it is a failure that was throttled',
      answers: ['throttled'],
      log: [ASK, 'openStreak', 'openStreak locally'],
    },
    {
      title: 'nowhere if it is a success that was throttled',
      permit: counted(failing),
      verdict: 'success',
      now: { circuit: failing, fleetCircuit: failing },
      answers: ['throttled'],
      log: [ASK, 'refresh 20', 'clearStreak'],
    },
    {
      title: 'locally if it is a success that was throttled in local mode',
      permit: counted(failing),
      verdict: 'success',
      now: { circuit: failing, fleetCircuit: failing, localId: 1 },
      answers: ['throttled'],
      log: [ASK, 'refresh 20', 'clearStreak', 'clearStreak locally'],
    },
    {
      title: 'to the fleet though the call was admitted in local mode, if the fleet was closed',
      heldLocalId: 1,
      now: { localId: 1 },
      log: [ASK, 'openStreak'],
    },
    {
      title: 'not to a later generation than was known in local mode',
      heldLocalId: 1,
      now: { fleetCircuit: { ...closed, generation: 8 } },
      log: [ASK],
    },
    {
      title: 'locally alone if the fleet was not closed when the call was admitted in local mode',
      permit: probe,
      verdict: 'success',
      heldLocalId: 1,
      heldFleetCircuit: open,
      now: { ...nowOpen, circuit: probing, localId: 1 },
      log: ['recover locally'],
    },
    {
      title: 'nowhere if it was admitted in another time of local mode',
      permit: probe,
      verdict: 'success',
      heldLocalId: 1,
      heldFleetCircuit: open,
      now: { ...nowOpen, circuit: probing, localId: 2 },
      log: [],
    },
    {
      title: 'nowhere if the local mode that let it through is over',
      permit: probe,
      verdict: 'success',
      heldLocalId: 1,
      heldFleetCircuit: open,
      now: { ...nowOpen, circuit: probing },
      log: [],
    },
    {
      title: 'locally if it was admitted before local mode began',
      now: { localId: 1, isStoreDown: true, canReport: false },
      log: [ASK, 'openStreak locally'],
    },
    {
      title: 'nowhere if its own circuit has nothing to write either',
      now: { localId: 1, ...nowOpen },
      log: [ASK],
    },
  ])('$title', async (row) => {
    const { permit = counted(closed), verdict = 'failure', ranMs = 20 } = row;
    const { gate, log } = gateWith(row.now ?? {}, [...(row.answers ?? [])]);
    const { heldLocalId: localId, heldFleetCircuit: fleetCircuit = closed } = row;
    const held: HeldPermit = { permit, localId, fleetCircuit };
    await gate.settle(held, { verdict, ranMs, cause: 'Error' });
    expect(log).toEqual(row.log);
  });
});

describe('A result needs no promise', () => {
  const grown = { ...failing, streakFailures: 2 };
  it.each<[string, Partial<State>, Partial<FinishedCall>, Circuit, boolean]>([
    ['if it is a success and there is no streak', {}, {}, closed, true],
    ['if it is ignored and there is no streak', {}, { verdict: 'ignored' }, closed, true],
    ['but if it is a failure', {}, { verdict: 'failure' }, closed, false],
    ['but if it ran so long that it may have met a streak', {}, { ranMs: 251 }, closed, false],
    ['but if it was admitted to a streak', {}, {}, failing, false],
    ['but if there is a streak by now', { fleetCircuit: grown }, {}, closed, false],
    ['but if the store is out of reach', { isStoreDown: true }, {}, closed, false],
    ['but in local mode', { localId: 1 }, {}, closed, false],
    ['but if the circuit has opened meanwhile', { fleetCircuit: open }, {}, closed, false],
  ])('%s', async (_, own, finished, fleetCircuit, isAtOnce) => {
    const { gate } = gateWith(own);
    const permit: Permit = { kind: 'counted', circuit: closed };
    const held: HeldPermit = { permit, localId: undefined, fleetCircuit };
    const call = { verdict: 'success', ranMs: 250, cause: 'Error', ...finished } as const;
    const settled = gate.settle(held, call);
    expect(settled === undefined).toBe(isAtOnce);
    await settled;
  });
});

describe('A call after reports that were throttled', () => {
  type Result = 'failure' | 'success' | 'throttled failure' | 'throttled success';

  async function after(results: readonly Result[]) {
    const fixture = gateWith({ circuit: failing });
    const { gate, answers } = fixture;
    const held = { permit: { kind: 'counted', circuit: failing }, localId: undefined } as const;
    for (const result of results) {
      const verdict = result.endsWith('failure') ? 'failure' : 'success';
      answers.length = 0;
      answers.push(result.startsWith('throttled') ? 'throttled' : 'applied');
      await gate.settle({ ...held, fleetCircuit: failing }, { verdict, ranMs: 20, cause: 'Error' });
    }
    return fixture;
  }

  it.each<[string, Result[], boolean]>([
    ['is refused after two failures in a row', ['throttled failure', 'throttled failure'], true],
    ['is refused if the one before was reported', ['failure', 'throttled failure'], true],
    ['is admitted after one failure', ['throttled failure'], false],
    [
      'is admitted if there was a success between',
      ['failure', 'success', 'throttled failure'],
      false,
    ],
    ['is admitted after a success', ['failure', 'throttled success'], false],
    ['is admitted if the latest was reported', ['throttled failure', 'failure'], false],
  ])('%s', async (_, results, isRefused) => {
    const { gate } = await after(results);
    const admitted = await gate.admit();
    expect(admitted instanceof CircuitOpenError).toBe(isRefused);
    if (isRefused) expect(admitted).toMatchObject({ state: 'CLOSED', retryAfterMs: 1_000 });
  });

  it.each([
    ['for a second', 999, true],
    ['for no longer', 1_000, false],
    ['not if the clock was set back', -1, false],
  ])('is refused %s', async (_, passedMs, isRefused) => {
    const { gate, pass } = await after(['throttled failure', 'throttled failure']);
    pass(passedMs);
    expect((await gate.admit()) instanceof CircuitOpenError).toBe(isRefused);
  });
});
