import { expect, test } from 'vitest';
import type { CloudEvent } from './observer.ts';
import { createTerminal } from './terminal.ts';

const engine = (state: 'running' | 'stopped' | 'lost', end?: string): CloudEvent => ({
  ...{ kind: 'engine', state, end, atMs: 0 },
});

test('an engine that ends is told with its exit code or signal, and so is its return', () => {
  const wordsFor = createTerminal();
  expect(wordsFor(engine('running'))).toBeUndefined();
  expect(wordsFor(engine('lost', 'signal SIGKILL'))).toContain('has ended (signal SIGKILL)');
  expect(wordsFor(engine('running'))).toContain('its tables are empty');
  expect(wordsFor(engine('stopped', 'exit code 1'))).toContain('has ended (exit code 1)');
});

test('a function that cannot start is told once for each reason', () => {
  const wordsFor = createTerminal();
  const failed = (reason: string): CloudEvent => ({
    ...{ kind: 'start-failed', functionName: 'cart', reason },
  });
  expect(wordsFor(failed('no code'))).toBe('cart does not start: no code');
  expect(wordsFor(failed('no code'))).toBeUndefined();
  expect(wordsFor(failed('no handler'))).toBe('cart does not start: no handler');
});

test('an assembly that is no longer there is told, with what to do', () => {
  const words = createTerminal()({ kind: 'assembly-changed' });
  expect(words).toMatch(/cdk\.out.* deleted or replaced.* start it again/);
});

test('everyday events are not told', () => {
  const wordsFor = createTerminal();
  expect(wordsFor({ kind: 'throttled', functionName: 'cart' })).toBeUndefined();
});
