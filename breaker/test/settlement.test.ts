/** Where the results of calls are written. */
import { describe, expect, it } from 'vitest';
import { CircuitOpenError } from '../src/errors.ts';
import type { HeldPermit } from '../src/held-permit.ts';
import type { Permit } from '../src/protocol/admit.ts';
import type { Circuit, ClosedCircuit } from '../src/protocol/circuit.ts';
import type { FinishedCall } from '../src/protocol/settle.ts';
import { closed, failing, NOW_MS, open, probing } from './support/circuits.ts';
import { type Answer, gateWith, type State } from './support/gate.ts';

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
  const grown = { ...failing, streakScore: 2 };
  const counted: Permit = { kind: 'counted', circuit: closed };
  const probe: Permit = { kind: 'probe', circuit: probing };
  it.each<[string, Partial<State>, Partial<FinishedCall>, Circuit, boolean, Permit?]>([
    ['if it is a success and there is no streak', {}, {}, closed, true],
    ['if it is ignored and there is no streak', {}, { verdict: 'ignored' }, closed, true],
    ['but if it is a failure', {}, { verdict: 'failure' }, closed, false],
    ['but if it ran so long that it may have met a streak', {}, { ranMs: 251 }, closed, false],
    ['but if it was admitted to a streak', {}, {}, failing, false],
    ['but if there is a streak by now', { fleetCircuit: grown }, {}, closed, false],
    ['but if the store is out of reach', { isStoreDown: true }, {}, closed, false],
    ['but in local mode', { localId: 1 }, {}, closed, false],
    ['but if the circuit has opened meanwhile', { fleetCircuit: open }, {}, closed, false],
    ['but if it is the probe’s', {}, {}, closed, false, probe],
  ])('%s', async (_, own, finished, fleetCircuit, isAtOnce, permit = counted) => {
    const { gate } = gateWith(own);
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
