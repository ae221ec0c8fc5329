import { AsyncLocalStorage } from 'node:async_hooks';
import { spawnSync } from 'node:child_process';
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

it('The real clock calls back in the async context of whoever asked for it', async () => {
  vi.useRealTimers();
  const request = new AsyncLocalStorage<string>();
  const seen = await new Promise((resolve) => {
    const seenBy: Record<string, string | undefined> = {};
    const ask = (name: string) => {
      SYSTEM_CLOCK.after(1, () => {
        seenBy[name] = request.getStore();
        if (Object.keys(seenBy).length === 3) resolve(seenBy);
      });
    };
    for (const name of ['first', 'second']) request.run(name, ask, name);
    ask('none');
  });
  expect(seen).toEqual({ first: 'first', second: 'second', none: undefined });
});

it('The real clock uses the timers of a test that has replaced them meanwhile', () => {
  vi.useRealTimers();
  const cancel = SYSTEM_CLOCK.after(10, () => {});
  vi.useFakeTimers();
  const callback = vi.fn();
  SYSTEM_CLOCK.after(10, callback);
  vi.advanceTimersByTime(11);
  expect(callback).toHaveBeenCalledOnce();
  cancel();
});

it('The real clock goes by real time where a test has replaced the time and not the timers', async () => {
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
  await new Promise<void>((resolve) => SYSTEM_CLOCK.after(1, resolve));
});

/** What a process prints that does this and nothing else, and whether it ends by itself. */
function processOf(script: string): { printed: string; ended: boolean } {
  const flags = ['--conditions=fleet-breaker-source', '--input-type=module', '--eval', script];
  const { stdout, status } = spawnSync(process.execPath, flags, {
    cwd: import.meta.dirname,
    timeout: 15_000,
    encoding: 'utf8',
  });
  return { printed: stdout.trim(), ended: status === 0 };
}

function processWith(call: string, callTimeoutMs: number) {
  return processOf(`
    import { createBreaker, memoryStore } from 'fleet-breaker';
    const breaker = createBreaker({ name: 'a', store: memoryStore(), callTimeoutMs: ${callTimeoutMs} });
    breaker.execute(${call}).then(console.log, (error) => console.log(error.name));`);
}

const LONG_MS = 600_000;

it('The real clock keeps no process alive once its calls have ended', () => {
  const answered = processWith("async () => 'answer'", LONG_MS);
  expect(answered).toEqual({ printed: 'answer', ended: true });
});

it('The real clock keeps a process alive until its call is cut', () => {
  const cut = processWith('() => new Promise(() => {})', 20);
  expect(cut).toEqual({ printed: 'CallTimeoutError', ended: true });
});

it('The real clock uses the timers that a test has replaced before it was loaded', () => {
  const replaced = processOf(`
    import { mock } from 'node:test';
    mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
    const { createBreaker, memoryStore } = await import('fleet-breaker');
    const breaker = createBreaker({ name: 'a', store: memoryStore(), callTimeoutMs: 1_000 });
    breaker.execute(() => new Promise(() => {})).catch((error) => console.log(error.name));
    for (let turn = 0; turn < 100; turn++) await undefined;
    mock.timers.tick(1_001);`);
  expect(replaced).toEqual({ printed: 'CallTimeoutError', ended: true });
});
