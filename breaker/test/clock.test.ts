import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SYSTEM_CLOCK } from '../src/clock.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('The real clock calls back once the time is over, a turn later than other timers', () => {
  const order: string[] = [];
  SYSTEM_CLOCK.after(10, () => order.push('deadline'));
  setTimeout(() => setImmediate(() => order.push('answer')), 9);
  setTimeout(() => order.push('timer'), 10);
  vi.advanceTimersByTime(9);
  expect(order).toEqual([]);
  vi.runAllTimers();
  expect(order).toEqual(['answer', 'timer', 'deadline']);
});

it.each([
  ['before its time', 9],
  ['when it has come, but not its turn', 10],
])('The real clock leaves nothing behind when it is cancelled %s', (_, atMs) => {
  const callback = vi.fn();
  const cancel = SYSTEM_CLOCK.after(10, callback);
  setTimeout(cancel, atMs);
  vi.advanceTimersByTime(atMs);
  expect(vi.getTimerCount()).toBe(0);
  vi.runAllTimers();
  expect(callback).not.toHaveBeenCalled();
});

it('The real clock gives what arrived while the process was held up the time to be read', () => {
  const now = vi.spyOn(Date, 'now');
  const callback = vi.fn();
  now.mockReturnValue(1_000);
  SYSTEM_CLOCK.after(10, callback);
  now.mockReturnValue(3_000);
  vi.advanceTimersByTime(10);
  vi.advanceTimersByTime(29);
  expect(callback).not.toHaveBeenCalled();
  vi.runAllTimers();
  expect(callback).toHaveBeenCalledOnce();
  now.mockRestore();
});
