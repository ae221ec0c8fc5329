import { expect, test } from 'vitest';
import type { Request } from '../raw/requests.ts';
import type { FaultSwitch } from '../report.ts';
import { describePhase, isIn, phaseWindows } from './phases.ts';

const switches: FaultSwitch[] = [
  { phase: 'before', fault: 'none', askedAtMs: 0, inForceAtMs: 500 },
  { phase: 'fault', fault: 'hang', askedAtMs: 11_000, inForceAtMs: 12_000 },
  { phase: 'after', fault: 'none', askedAtMs: 21_000, inForceAtMs: 22_000 },
];
const span = { startedAtMs: 1_000, elapsedSeconds: 30, seconds: 30 };

test('a phase begins when its switch is in force and ends before the next switch is asked for', () => {
  expect(phaseWindows(switches, span)).toEqual({
    before: { fromMs: 1_000, toMs: 10_500 },
    fault: { fromMs: 12_000, toMs: 20_500 },
    after: { fromMs: 22_000, toMs: 31_000 },
  });
});

test('a run that ended before its last phase has nothing to compare', () => {
  expect(() => phaseWindows(switches.slice(0, 2), span)).toThrow('before its last phase');
});

test('a moment belongs to at most one of two windows that meet', () => {
  const [first, second] = [
    { fromMs: 0, toMs: 5 },
    { fromMs: 5, toMs: 9 },
  ];
  expect([4, 5].map((atMs) => [isIn(first, atMs), isIn(second, atMs)])).toEqual([
    [true, false],
    [false, true],
  ]);
});

const request = (
  sentAtMs: number,
  outcome: Request['outcome'],
  status: number | null,
): Request => ({
  ...{ number: 1, user: 1, latencyMs: 29_000 },
  ...{ sentAtMs, outcome, status },
});
const window = { fromMs: 12_000, toMs: 22_000 };
const phase = { name: 'hanging', fault: 'hang', fromSeconds: 11 } as const;
const described = (requests: readonly Request[]) =>
  describePhase({ phase, window, requests, startedAtMs: 1_000 });

test('a request belongs to the phase in which it was sent, however late its answer', () => {
  const requests = [
    request(11_999, 'ok', 200),
    request(12_000, 'failed', 504),
    request(21_999, 'failed', null),
    request(22_000, 'ok', 200),
  ];
  expect(described(requests)).toMatchObject({
    ...{ requests: 2, requestsPerSecond: 0.2, usefulRequestsPerSecond: 0 },
    outcomes: { ok: { count: 0 }, failed: { count: 2, share: 1 } },
    statuses: { 504: 1, none: 1 },
    ...{ fromSeconds: 11, toSeconds: 21, latencyMs: { median: 29_000 } },
  });
});

test('a phase in which nobody asked has no latency and no share of anything', () => {
  expect(described([])).toMatchObject({
    ...{ requests: 0, latencyMs: null },
    outcomes: { ok: { count: 0, share: 0 }, failed: { count: 0, share: 0 } },
  });
});
