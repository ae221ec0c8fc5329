import type { Clock } from './ports.ts';

/** The longest delay of a timer, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The real clock. A busy instance runs its timers late, and before it looks at
 * what has arrived meanwhile. So a deadline waits for one more turn of the event
 * loop, which lets an answer that is already there win over it.
 */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let turn: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      turn = setImmediate(callback);
    }, delayMs);
    return () => {
      clearTimeout(timer);
      clearImmediate(turn);
    };
  },
};
