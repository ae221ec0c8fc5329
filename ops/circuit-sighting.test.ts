import { stripVTControlCharacters } from 'node:util';
import type { CircuitStatus } from 'fleet-breaker';
import { expect, test } from 'vitest';
import { sightingLine, sightingOf } from './circuit-sighting.ts';

const NOW_MS = Date.parse('2026-01-01T12:00:05.000Z');
const open: CircuitStatus = {
  ...{ name: 'recommendations', state: 'OPEN', generation: 12, store: 'available' },
  ...{ reason: 'deploy  window 7', updatedBy: 'd0323ea6-071b-42cc-ae8c-095d0b89f8c9' },
  updatedAt: '2026-01-01T12:00:00.000Z',
};
const forced = { override: 'FORCED_OPEN', overrideUntil: '2026-01-01T12:00:04.000Z' };

test('a reason reaches programs as it was written', () => {
  const sighting = JSON.parse(JSON.stringify(sightingOf(open, NOW_MS)));
  expect(sighting).toMatchObject({ reason: 'deploy  window 7', generation: 12, override: null });
});

test('an item that was never written was seen when it was looked at', () => {
  const { updatedAt: _, updatedBy: __, ...never } = open;
  expect(sightingOf(never, NOW_MS)).toMatchObject({ atMs: NOW_MS, by: '', failuresInARow: 0 });
});

test('a forced state stays in the item when its time is over, and that is said', () => {
  expect(sightingOf({ ...open, ...forced }, NOW_MS).override?.isOver).toBe(true);
  expect(sightingOf({ ...open, ...forced }, NOW_MS - 2_000).override?.isOver).toBe(false);
});

test('elsewhere than on a terminal the line is whole and plain', () => {
  expect(sightingLine(sightingOf({ ...open, ...forced }, NOW_MS), {})).toBe(
    '2026-01-01T12:00:00.000Z  OPEN (FORCED_OPEN, over)  generation 12  ' +
      'deploy  window 7  by d0323ea6-071b-42cc-ae8c-095d0b89f8c9',
  );
});

test.each([60, 80])(
  'on a terminal of %i columns the line fits, however long the reason',
  (columns) => {
    const long = sightingOf({ ...open, reason: 'x'.repeat(200) }, NOW_MS);
    const line = stripVTControlCharacters(sightingLine(long, { isTTY: true, columns }));
    expect(line).toHaveLength(columns);
    expect(line).toMatch(/^12:00:00\.000Z {2}OPEN {2}generation 12 {2}x+… {2}by d0323ea6$/);
  },
);

test('on a terminal a short line is not cut', () => {
  const line = sightingLine(sightingOf(open, NOW_MS), { isTTY: true, columns: 80 });
  expect(stripVTControlCharacters(line)).toMatch(/ {2}deploy {2}window 7 {2}by d0323ea6$/);
});

test('failures in a row are told while the circuit is still closed', () => {
  const counting = (streakScore: number) =>
    sightingLine(sightingOf({ ...open, state: 'CLOSED', streakScore }, NOW_MS), {});
  expect(counting(1)).toContain('  CLOSED  generation 12  1 failure  deploy');
  expect(counting(2)).toContain('  CLOSED  generation 12  2 failures  deploy');
  expect(counting(0)).toContain('  CLOSED  generation 12  deploy');
});
