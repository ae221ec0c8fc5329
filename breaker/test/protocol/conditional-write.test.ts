/** What may be said of a write by itself, and how it is recognised in what it left behind. */
import { expect, it } from 'vitest';
import { applyWrite } from '../../src/protocol/apply-write.ts';
import { ABSENT_CIRCUIT, type Circuit } from '../../src/protocol/circuit.ts';
import { isResultOf, isTransition, type Write } from '../../src/protocol/conditional-write.ts';
import * as streakWrites from '../../src/protocol/streak-writes.ts';
import * as writes from '../../src/protocol/writes.ts';
import {
  circuitOf,
  closed,
  context,
  FAILED,
  failing,
  NOW_MS,
  open,
  probing,
} from '../support/circuits.ts';

const ctx = context();
const failure = { cause: 'Error' };
const request = { reason: 'drill' };

it.each<[string, Write, boolean]>([
  ['openStreak', streakWrites.openStreak(closed, FAILED, ctx), false],
  ['openStreak that creates the item', streakWrites.openStreak(ABSENT_CIRCUIT, FAILED, ctx), false],
  ['countFailure', streakWrites.countFailure(failing, FAILED, ctx), false],
  ['clearStreak', streakWrites.clearStreak(failing, FAILED, ctx), false],
  ['trip', writes.trip(failing, failure, ctx), true],
  ['trip that creates the item', writes.trip(ABSENT_CIRCUIT, failure, ctx), true],
  ['claimProbe', writes.claimProbe(open, ctx), true],
  ['nextProbe', writes.nextProbe(probing, ctx), false],
  ['takeOverProbe', writes.takeOverProbe(probing, ctx), true],
  ['reportProbe', writes.reportProbe(probing, { probesOk: 1 }, ctx), false],
  ['recover', writes.recover(probing, {}, ctx), true],
  ['reopen', writes.reopen(probing, failure, ctx), true],
  ['release', writes.applyOverride(open, request, ctx), true],
  ['close', writes.close(open, 'drill', ctx), true],
])('A write that makes a new generation is a transition: %s, %s', (_, write, expected) => {
  expect(isTransition(write)).toBe(expected);
});

it.each<[string, Circuit, Write]>([
  ['a trip', failing, writes.trip({ ...failing, streakScore: 2 }, failure, ctx)],
  ['a claim', open, writes.claimProbe(open, ctx)],
  ['a streak that ends', failing, streakWrites.clearStreak(failing, FAILED, ctx)],
])('A write is recognised by its writer, its time and its probe: %s', (_, from, write) => {
  const before = from === failing ? { ...failing, streakScore: 2 } : from;
  const result = circuitOf(applyWrite({ ...before }, write).item);
  expect(isResultOf(write, result)).toBe(true);
  expect(isResultOf(write, before)).toBe(false);
  expect(isResultOf(write, { ...result, updatedBy: 'another' })).toBe(false);
  expect(isResultOf(write, { ...result, updatedAtMs: NOW_MS + 1 })).toBe(false);
  expect(isResultOf(write, { ...result, probeOwner: 'me#2' } as Circuit)).toBe(false);
});
