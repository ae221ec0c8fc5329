import type { Clock } from './ports.ts';

/** The longest delay of a timer, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** A timer that runs this much after its time was held up. */
const LATE_MS = 20;
/** What has arrived meanwhile is read within this. */
const GRACE_MS = 30;

/**
 * The real clock. A busy instance runs its timers late, and before it looks at
 * what has arrived meanwhile. So a deadline waits for one more turn of the event
 * loop, which lets an answer that is already there win over it. After the event loop was blocked, or
 * the instance was frozen, an answer takes several turns to be read, and a deadline waits for them.
 */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const dueAtMs = Date.now() + delayMs;
    let turn: NodeJS.Immediate | undefined;
    let timer = setTimeout(() => {
      const onTime = () => {
        turn = setImmediate(callback);
      };
      const isLate = Date.now() - dueAtMs > LATE_MS;
      if (isLate) timer = setTimeout(onTime, GRACE_MS);
      else onTime();
    }, delayMs);
    return () => {
      clearTimeout(timer);
      clearImmediate(turn);
    };
  },
};
