import * as timers from 'node:timers';
import { Alarm } from './alarm.ts';
import type { Clock } from './ports.ts';

/** The longest delay of a timer, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** A deadline that is noticed this much after its time was held up. */
const LATE_MS = 20;
/** What has arrived meanwhile is read within this. */
const GRACE_MS = 30;

type Cancel = () => void;

/** Node's own, which tests may replace by others. */
const NATIVE = {
  setTimeout: timers.setTimeout,
  clearTimeout: timers.clearTimeout,
  now: performance.now.bind(performance),
};
/** Whether they were not replaced already when this was loaded. */
const ARE_NATIVE = NATIVE.setTimeout.name === 'setTimeout';
const ALARM = new Alarm(NATIVE);

/**
 * The real clock. A busy instance runs its timers late, and before it looks at
 * what has arrived meanwhile. So a deadline waits for one more turn of the event
 * loop, which lets an answer that is already there win over it. After the event loop was blocked, or
 * the instance was frozen, an answer takes several turns to be read, and a deadline waits for them.
 */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    const isReal = ARE_NATIVE && setTimeout === NATIVE.setTimeout;
    if (!isReal) return afterOwnTimer(delayMs, callback);
    const deadline = new Deadline(delayMs, callback);
    return () => deadline.cancel();
  },
};

/** In a test that has replaced the timers, which expects to find one for each deadline. */
function afterOwnTimer(delayMs: number, callback: () => void): Cancel {
  const dueAtMs = Date.now() + delayMs;
  let cancelTurn: Cancel | undefined;
  const timer = setTimeout(() => {
    cancelTurn = afterAnswers(Date.now() - dueAtMs, callback);
  }, delayMs);
  return () => {
    clearTimeout(timer);
    cancelTurn?.();
  };
}

/** Calls back once what has arrived was read. */
function afterAnswers(lateMs: number, callback: () => void): Cancel {
  let turn: NodeJS.Immediate | undefined;
  const beginTurn = () => {
    turn = setImmediate(callback);
  };
  const timer = lateMs > LATE_MS ? setTimeout(beginTurn, GRACE_MS) : undefined;
  if (!timer) beginTurn();
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}

class Deadline {
  readonly dueAtMs: number;
  /** The alarm's to call. */
  wake = () => {};
  place = 0;
  #cancelTurn: Cancel | undefined;

  constructor(delayMs: number, callback: () => void) {
    const nowMs = NATIVE.now();
    this.dueAtMs = nowMs + delayMs;
    // The alarm rings in an async context of its own. What waits for a promise goes on in that of now.
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    void woken.then(() => {
      this.#cancelTurn = afterAnswers(NATIVE.now() - this.dueAtMs, callback);
    });
    ALARM.add(this, nowMs);
  }

  cancel(): void {
    ALARM.remove(this);
    this.#cancelTurn?.();
  }
}
