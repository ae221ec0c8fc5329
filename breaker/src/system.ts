import type { SystemPorts } from './options.ts';

/** The real clock, randomness and ids: the only place of the library that knows them. */
export const system: SystemPorts = {
  clock: {
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
  },
  random: () => Math.random(),
  instanceId: () => crypto.randomUUID(),
};
