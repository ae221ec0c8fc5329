import type { Clock } from './ports.ts';

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    let turn: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      // A busy instance runs its timers late, and before it looks at what has arrived meanwhile.
      // One more turn lets an answer that is already there win over its own deadline.
      turn = setImmediate(callback);
    }, delayMs);
    return () => {
      clearTimeout(timer);
      if (turn) clearImmediate(turn);
    };
  },
};
