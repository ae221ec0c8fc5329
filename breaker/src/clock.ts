import * as timers from 'node:timers';
import { Alarm } from './alarm.ts';
import type { Clock } from './ports.ts';

/** The longest delay of a timer, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** A deadline that is noticed this much after its time was held up. */
const LATE_MS = 20;
/** What has arrived meanwhile is read within this. */
const GRACE_MS = 30;

/** As they were when this was loaded. */
const NATIVE = { setTimeout: timers.setTimeout, clearTimeout: timers.clearTimeout };
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
    const deadline = new Deadline(delayMs, callback);
    return () => deadline.cancel();
  },
};

class Deadline {
  /** By the monotonic clock, because the wall clock may be set meanwhile. */
  readonly dueAtMs: number;
  readonly #callback: () => void;
  /** The alarm's to call. */
  wake = () => {};
  place = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(delayMs: number, callback: () => void) {
    const nowMs = performance.now();
    this.dueAtMs = nowMs + delayMs;
    this.#callback = callback;
    // A test that has replaced the timers expects each deadline to have one of its own.
    if (setTimeout === NATIVE.setTimeout) this.#setAlarm(nowMs);
    else this.#timer = setTimeout(() => this.#onDue(), delayMs);
  }

  /**
   * The alarm rings in the async context of whoever has set it, which may be another request's. What
   * waits for a promise goes on in its own.
   */
  #setAlarm(nowMs: number): void {
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    void woken.then(() => this.#onDue());
    ALARM.add(this, nowMs);
  }

  #onDue(): void {
    const isLate = performance.now() - this.dueAtMs > LATE_MS;
    if (isLate) this.#timer = setTimeout(() => this.#onTime(), GRACE_MS);
    else this.#onTime();
  }

  #onTime(): void {
    this.#turn = setImmediate(this.#callback);
  }

  cancel(): void {
    ALARM.remove(this);
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
  }
}
