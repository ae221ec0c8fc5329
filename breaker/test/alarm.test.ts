import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Alarm } from '../src/alarm.ts';
import { MAX_TIMER_MS } from '../src/clock.ts';

let alarm: Alarm;
let woken: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  alarm = new Alarm(timers());
  woken = [];
});
afterEach(() => {
  vi.useRealTimers();
});

const timers = () => ({ setTimeout, clearTimeout, now: () => performance.now() });

function sleeper(name: string, forMs: number) {
  const wake = () => {
    woken.push(`${name} after ${performance.now()}`);
  };
  const own = { dueAtMs: performance.now() + forMs, wake, place: 0 };
  alarm.add(own, performance.now());
  return own;
}

const pass = (ms: number) => vi.advanceTimersByTime(ms);

it('Each is woken once, when its own time has come, whatever the order', () => {
  sleeper('second', 20);
  sleeper('first', 10);
  sleeper('fourth', 40);
  pass(5);
  sleeper('third', 25);
  pass(100);
  expect(woken).toEqual(['first after 10', 'second after 20', 'third after 30', 'fourth after 40']);
});

it('Who is removed is not woken, and the others are', () => {
  const sleepers = ['a', 'b', 'c', 'd'].map((name) => sleeper(name, 10));
  for (const index of [1, 0, 3]) {
    const own = sleepers[index];
    if (own) alarm.remove(own);
  }
  pass(10);
  expect(woken).toEqual(['c after 10']);
});

it('Who is removed twice, or after it was woken, takes nobody else along', () => {
  const [first, second] = [sleeper('first', 10), sleeper('second', 20)];
  alarm.remove(first);
  alarm.remove(first);
  pass(20);
  alarm.remove(second);
  sleeper('third', 10);
  alarm.remove(second);
  pass(10);
  expect(woken).toEqual(['second after 20', 'third after 30']);
});

it('Who waits since an earlier ring is due has its whole time', () => {
  alarm.remove(sleeper('gone', 10));
  pass(9);
  sleeper('later', 10);
  pass(9);
  expect(woken).toEqual([]);
  pass(1);
  expect(woken).toEqual(['later after 19']);
});

it('One timer serves all, and it is not started anew for who comes and goes', () => {
  const start = vi.spyOn(globalThis, 'setTimeout');
  alarm = new Alarm(timers());
  for (let i = 0; i < 100; i++) {
    alarm.remove(sleeper('quick', 50));
    alarm.remove(sleeper('quicker', 50));
  }
  sleeper('slow', 200);
  expect(start).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(1);
  pass(50);
  expect(start).toHaveBeenCalledTimes(2);
});

it('The timer keeps the process alive as long as anybody sleeps, and then rings once at most', () => {
  const start = vi.spyOn(globalThis, 'setTimeout');
  alarm = new Alarm(timers());
  const first = sleeper('first', 50);
  const [timer] = start.mock.results.map(({ value }) => value as NodeJS.Timeout);
  expect(timer?.hasRef()).toBe(true);
  alarm.remove(first);
  expect(timer?.hasRef()).toBe(false);
  const second = sleeper('second', 50);
  expect(timer?.hasRef()).toBe(true);
  alarm.remove(second);
  pass(50);
  expect(vi.getTimerCount()).toBe(0);
});

it.each([
  ['later', 10],
  ['in the same moment', 5],
])('Who is woken may remove others that are due %s, and add some', (_, forMs) => {
  const own = {
    dueAtMs: performance.now() + 5,
    place: 0,
    wake: () => {
      alarm.remove(victim);
      sleeper('heir', 3);
    },
  };
  alarm.add(own, performance.now());
  const victim = sleeper('victim', forMs);
  pass(20);
  expect(woken).toEqual(['heir after 8']);
});

it('Those that are due together, because the process was held up, are woken in their order', () => {
  const now = vi.fn(() => 0);
  alarm = new Alarm({ ...timers(), now });
  for (const [name, dueAtMs] of Object.entries({ third: 30, first: 10, second: 20 })) {
    alarm.add({ dueAtMs, wake: () => woken.push(name), place: 0 }, 0);
  }
  now.mockReturnValue(100);
  pass(10);
  expect(woken).toEqual(['first', 'second', 'third']);
});

it('The longest time is one that a timer can wait, whatever the sum is rounded to', () => {
  const delaysMs: number[] = [];
  const setTimer = (callback: () => void, ms: number) => {
    delaysMs.push(ms);
    return setTimeout(callback, ms);
  };
  for (let nowMs = 0.1; nowMs < 10; nowMs += 0.1) {
    alarm = new Alarm({ ...timers(), setTimeout: setTimer as typeof setTimeout });
    alarm.add({ dueAtMs: nowMs + MAX_TIMER_MS, wake: () => {}, place: 0 }, nowMs);
  }
  expect(Math.max(...delaysMs)).toBe(MAX_TIMER_MS);
});

it('The timer keeps nothing of the request that has started it', () => {
  const request = new AsyncLocalStorage<string>();
  const contexts: (string | undefined)[] = [];
  const setTimer = (callback: () => void, ms: number) => {
    contexts.push(request.getStore());
    return setTimeout(callback, ms);
  };
  alarm = new Alarm({ ...timers(), setTimeout: setTimer as typeof setTimeout });
  request.run('first', sleeper, 'a', 10);
  pass(5);
  request.run('second', sleeper, 'b', 10);
  pass(10);
  expect(contexts).toEqual([undefined, undefined]);
});
