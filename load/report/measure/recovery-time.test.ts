import { expect, test } from 'vitest';
import type { Request } from '../raw/requests.ts';
import type { CircuitReport } from '../report.ts';
import { recoveryAfter } from './recovery-time.ts';

const request = (sentAtMs: number, latencyMs: number, outcome: Request['outcome']): Request => ({
  ...{ number: 1, user: 1, status: 200 },
  ...{ sentAtMs, latencyMs, outcome },
});
const after = (requests: readonly Request[], circuit: CircuitReport | null = null) =>
  recoveryAfter({ requests, circuit, startedAtMs: 0, faultEndedAtMs: 10_000 });

test('users who still hang when the fault ends are not served yet', () => {
  const requests = [request(9_000, 29_000, 'failed'), request(11_000, 5, 'ok')];
  expect(after([...requests, request(39_000, 5, 'ok')]).fullServiceSeconds).toBe(28);
});

test('a degraded answer is not full service', () => {
  const requests = [request(14_000, 100, 'degraded'), request(15_000, 5, 'ok')];
  expect(after(requests).fullServiceSeconds).toBe(4.1);
});

test('without an ok answer after the last incomplete one, full service did not come', () => {
  expect(
    after([request(11_000, 5, 'ok'), request(14_000, 5, 'failed')]).fullServiceSeconds,
  ).toBeNull();
});

test('where nobody was hurt, full service is at once', () => {
  expect(after([request(9_000, 5, 'ok'), request(11_000, 5, 'ok')]).fullServiceSeconds).toBe(0);
});

const circuit = (...transitions: [to: string, atSeconds: number][]): CircuitReport => ({
  transitions: transitions.map(([to, atSeconds], generation) => ({
    ...{ from: 'OPEN', reason: 'because', by: 'somebody', scope: 'fleet' as const },
    ...{ to, atSeconds, generation, atMs: atSeconds * 1000 },
  })),
  ...{ bands: [], localDecisions: 0, trips: 0, openPeriods: 0, callsByState: null },
});

test.each([
  ['the circuit closed for good', circuit(['OPEN', 3], ['HALF_OPEN', 14], ['CLOSED', 14.5]), 4.5],
  ['it did not close any more', circuit(['OPEN', 3]), null],
  ['it was never opened', circuit(), 0],
  ['it closed before the fault ended', circuit(['OPEN', 3], ['CLOSED', 8]), 0],
  ['there is no circuit', null, null],
])('%s', (_, seen, seconds) => {
  expect(after([], seen).circuitClosedSeconds).toBe(seconds);
});
