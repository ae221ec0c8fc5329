import type { Clock } from '../ports.ts';

/** A clock that stands still until it is advanced. */
export interface TestClock extends Clock {
  /**
   * Lets `ms` milliseconds pass: every timer that is due runs, in order, and what it settles is
   * followed to its end before the next one.
   */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

const DEFAULT_START_MS = Date.UTC(2026, 0, 1);

/** A test runner that fakes the timers later does not fake this one. */
const { setImmediate } = globalThis;

/** `startMs`: what the clock shows first, in epoch milliseconds. */
export function testClock(startMs = DEFAULT_START_MS): TestClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;

  function nextUntil(endMs: number): Timer | undefined {
    const due = [...timers].filter(({ atMs }) => atMs <= endMs);
    // Timers of the same time run in the order of their making: sorting keeps it.
    return due.sort((a, b) => a.atMs - b.atMs)[0];
  }

  return {
    now: () => nowMs,
    after(delayMs, callback) {
      const timer = { atMs: nowMs + Math.max(0, delayMs), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const endMs = nowMs + ms;
      // What the test has just begun may set timers of its own first.
      await turn();
      for (let timer = nextUntil(endMs); timer; timer = nextUntil(endMs)) {
        timers.delete(timer);
        nowMs = timer.atMs;
        timer.callback();
        await turn();
      }
      nowMs = endMs;
    },
  };
}

/** Until every promise that can be settled by now has been. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
