import { expect, it } from 'vitest';
import { forgivenBySuccess, roundScore } from '../../src/protocol/score.ts';

it.each([
  [1, Infinity],
  [0.8, 4],
  [0.5, 1],
  [0.2, 0.25],
  [0.3, 0.429],
  [0.01, 0.01],
])('At a failure rate of %d a success takes %d from the score', (failureRate, expected) => {
  expect(forgivenBySuccess({ failureRate })).toBe(expected);
});

it('A score has three decimals', () => {
  expect(roundScore(0.1 + 0.2)).toBe(0.3);
  expect(roundScore(1.23456)).toBe(1.235);
});
