/** Which of many results are reported, and which of them read before that. */
import { describe, expect, it } from 'vitest';
import type { HeldPermit } from '../src/held-permit.ts';
import type { ClosedCircuit } from '../src/protocol/circuit.ts';
import { closed, failing, NOW_MS, probing } from './support/circuits.ts';
import { gateWith } from './support/gate.ts';

const ASK = 'can report?';
const READ = 'refresh 20';
/** Ten times as many reports a second as are let through. */
const FLOOD = { sampledCalls: 1_000, sampledSinceMs: NOW_MS - 1_000 };
const flooded: ClosedCircuit = { ...closed, ...FLOOD };
const floodedFailing: ClosedCircuit = { ...failing, ...FLOOD };

const failed = { verdict: 'failure', ranMs: 20, cause: 'Error' } as const;
const succeeded = { verdict: 'success', ranMs: 20, cause: '' } as const;

function counted(circuit: ClosedCircuit): HeldPermit {
  return { permit: { kind: 'counted', circuit }, localId: undefined, fleetCircuit: circuit };
}

describe('Where one in four calls reports, a result is', () => {
  it.each([
    ['reported', 0.24, [ASK, 'openStreak']],
    ['not reported', 0.25, [ASK]],
    ['not reported', 0.9, [ASK]],
  ])('%s by a draw of %d', async (_, random, expected) => {
    const { gate, log } = gateWith({ reportsOneIn: 4 }, [], { random });
    await gate.settle(counted(closed), failed);
    expect(log).toEqual(expected);
  });

  it('reported locally in local mode, though not to the fleet', async () => {
    const { gate, log } = gateWith({ reportsOneIn: 4, localId: 1 }, [], { random: 0.9 });
    await gate.settle(counted(closed), failed);
    expect(log).toEqual([ASK, 'openStreak locally']);
  });

  it('reported by any draw if it is the probe’s', async () => {
    const { gate, log } = gateWith({ circuit: probing, reportsOneIn: 4 }, [], { random: 0.9 });
    const permit = { kind: 'probe', circuit: probing } as const;
    await gate.settle({ permit, localId: undefined, fleetCircuit: probing }, succeeded);
    expect(log).toEqual([ASK, 'recover']);
  });
});

describe('In a flood of ten times as many reports as are let through, a result', () => {
  it.each([
    ['is reported for ten', 0.09, [ASK, 'openStreak'], [{ sampledCalls: 10 }]],
    ['is not reported', 0.1, [ASK], []],
  ])('%s by a draw of %d', async (_, random, expected, added) => {
    const { gate, log, written } = gateWith({ circuit: flooded }, [], { random });
    await gate.settle(counted(flooded), failed);
    expect(log).toEqual(expected);
    expect(written.map(({ add }) => add)).toEqual(added);
  });

  it.each([
    ['that needs a read is reported after it', 0.09, [ASK, READ, 'countFailure']],
    ['reads though it is not reported then', 0.19, [ASK, READ]],
    ['neither reads nor is reported', 0.2, [ASK]],
  ])('%s by a draw of %d', async (_, random, expected) => {
    const { gate, log } = gateWith({ circuit: floodedFailing }, [], { random });
    await gate.settle(counted(floodedFailing), failed);
    expect(log).toEqual(expected);
  });

  it('is reported for five if the read shows that the flood is over', async () => {
    const found = { fleetCircuit: { ...failing, sampledSinceMs: NOW_MS } };
    const fixture = gateWith({ circuit: floodedFailing }, [], { random: 0.19, found });
    await fixture.gate.settle(counted(floodedFailing), failed);
    expect(fixture.log).toEqual([ASK, READ, 'countFailure']);
    expect(fixture.written[0]?.add).toMatchObject({ sampledCalls: 5 });
  });
});

describe('A read before the report is made', () => {
  // As such streaks were harmless lately, a streak counts once a success could have ended.
  const doubted: ClosedCircuit = { ...failing, clearedAtMs: NOW_MS - 2_000 };

  it.each([
    ['not while the streak is too new for any call to count', 991, [ASK]],
    ['from when calls can count', 990, [ASK, READ, 'countFailure']],
  ])('%s', async (_, usualMs, expected) => {
    const circuit = { ...doubted, usualMs };
    const { gate, log } = gateWith({ circuit });
    await gate.settle(counted(circuit), failed);
    expect(log).toEqual(expected);
  });

  it('whatever streak there was, if that has run out', async () => {
    const rules = { streakWindowMs: 100, callTimeoutMs: 60_000 };
    const { gate, log } = gateWith({ circuit: doubted }, [], { rules });
    await gate.settle(counted(doubted), { ...failed, ranMs: 251 });
    expect(log).toEqual([ASK, READ, 'openStreak']);
  });
});

describe('Where there are copies', () => {
  it.each([
    [
      'every other failure tries to trip the circuit one too early, at its first attempt',
      0.49,
      ['trip', 'countFailure'],
    ],
    ['the others do not', 0.5, ['countFailure', 'countFailure']],
  ])('%s', async (_, random, expected) => {
    const { gate, log } = gateWith({ circuit: failing }, ['refused'], { random, mirrors: 1 });
    await gate.settle(counted(failing), failed);
    expect(log).toEqual([ASK, READ, ...expected]);
  });
});

it('A new streak tells how long this instance’s successes take', async () => {
  const { gate, written } = gateWith({});
  await gate.settle(counted(closed), failed);
  expect(written[0]?.set).not.toHaveProperty('usualMs');
  await gate.settle(counted(closed), { ...succeeded, ranMs: 40 });
  await gate.settle(counted(closed), failed);
  expect(written[1]?.set).toMatchObject({ usualMs: 40 });
});
