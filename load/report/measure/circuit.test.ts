import { expect, test } from 'vitest';
import { transitionsSeen } from '../raw/circuit-sightings.ts';
import type { Invocation } from '../raw/logs.ts';
import type { CircuitTransition } from '../report.ts';
import { describeCircuit } from './circuit.ts';

const startedAtMs = 1_000_000;
const span = { startedAtMs, elapsedSeconds: 20, seconds: 20 };

const transition = (atSeconds: number, from: string, to: string, rest = {}): CircuitTransition => ({
  ...{ from, to, generation: 1, reason: 'because', by: 'somebody', scope: 'fleet' },
  atMs: startedAtMs + atSeconds * 1000,
  ...rest,
});
const outage = [
  transition(2, 'CLOSED', 'OPEN'),
  transition(7, 'OPEN', 'HALF_OPEN'),
  transition(9, 'HALF_OPEN', 'OPEN'),
  transition(14, 'OPEN', 'HALF_OPEN'),
  transition(14.5, 'HALF_OPEN', 'CLOSED'),
];
const call = (atSeconds: number, rest: Partial<Invocation> = {}): Invocation => ({
  part: 'recommendations',
  startedAtMs: startedAtMs + atSeconds * 1000,
  endedAtMs: startedAtMs + atSeconds * 1000 + 1,
  ...{ durationMs: 1, billedMs: 1, initMs: undefined, memoryMb: 256, coldStart: false },
  ...{ store: { reads: 0, writes: 0 }, productFailures: 0 },
  ...rest,
});

test('the bands cover the whole time, one state after the other', () => {
  const { bands } = describeCircuit({ transitions: outage, calls: [], span });
  expect(bands).toEqual([
    { state: 'CLOSED', fromSeconds: 0, toSeconds: 2 },
    { state: 'OPEN', fromSeconds: 2, toSeconds: 7 },
    { state: 'HALF_OPEN', fromSeconds: 7, toSeconds: 9 },
    { state: 'OPEN', fromSeconds: 9, toSeconds: 14 },
    { state: 'HALF_OPEN', fromSeconds: 14, toSeconds: 14.5 },
    { state: 'CLOSED', fromSeconds: 14.5, toSeconds: 20 },
  ]);
});

test('a trip opens a closed circuit; a reopening begins another open period only', () => {
  expect(describeCircuit({ transitions: outage, calls: [], span })).toMatchObject({
    firstOpenSeconds: 2,
    trips: 1,
    openPeriods: 2,
  });
});

test('a circuit without transitions stayed closed', () => {
  const { bands, firstOpenSeconds } = describeCircuit({ transitions: [], calls: [], span });
  expect(bands).toEqual([{ state: 'CLOSED', fromSeconds: 0, toSeconds: 20 }]);
  expect(firstOpenSeconds).toBeUndefined();
});

test('calls count by the state in which they arrived, a cold start before its initialization', () => {
  const calls = [
    ...[call(1), call(2.1, { initMs: 200, coldStart: true }), call(2.1), call(7)],
    ...[call(14.2), call(15), call(20.5)],
  ];
  expect(describeCircuit({ transitions: outage, calls, span }).callsByState).toEqual({
    ...{ CLOSED: 4, OPEN: 1, HALF_OPEN: 2 },
  });
});

test('what an instance decided for itself is no transition of the fleet', () => {
  const local = transition(3, 'CLOSED', 'OPEN', { scope: 'instance' });
  const circuit = describeCircuit({ transitions: [local], calls: undefined, span });
  expect(circuit).toMatchObject({
    transitions: [],
    trips: 0,
    localDecisions: 1,
    callsByState: null,
  });
});

test('what was seen of the circuit tells its transitions, whatever else changes in between', () => {
  const at = (second: number) => Date.UTC(2026, 0, 1, 0, 0, second);
  const sighting = (second: number, rest: object) =>
    JSON.stringify({ ...{ failuresInARow: 0, override: null }, atMs: at(second), ...rest });
  const reason = 'deploy  window 7';
  const watched = [
    sighting(0, { state: 'CLOSED', generation: 4, reason: 'the probe succeeded', by: 'a' }),
    sighting(1, { state: 'CLOSED', generation: 4, failuresInARow: 2, reason: 'failing', by: 'b' }),
    sighting(2, { state: 'OPEN', generation: 5, reason: '3 x CallTimeoutError', by: 'b' }),
    'a line that is something else',
    sighting(3, { state: 'OPEN', generation: 6, reason, by: 'operator ann' }),
    '',
  ].join('\n');
  expect(transitionsSeen(watched)).toEqual([
    {
      ...{ from: 'CLOSED', to: 'OPEN', generation: 5, reason: '3 x CallTimeoutError' },
      ...{ atMs: at(2), by: 'b', scope: 'fleet' },
    },
    {
      ...{ from: 'OPEN', to: 'OPEN', generation: 6, reason },
      ...{ atMs: at(3), by: 'operator ann', scope: 'fleet' },
    },
  ]);
});
