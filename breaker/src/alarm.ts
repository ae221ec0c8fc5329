/** What waits for its time to come. */
export interface Sleeper {
  /** In milliseconds of `performance.now()`. */
  readonly dueAtMs: number;
  readonly wake: () => void;
  /** The alarm's own: where it keeps this sleeper. */
  place: number;
}

type Timers = Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>;

/** A timer counts whole milliseconds, and rings less than one early. */
const EARLY_MS = 1;

/**
 * One timer for all that this process waits for. Nearly every deadline is cancelled long before it
 * is due, and to start and stop a timer for it would take longer than all else of a guarded call. So
 * the timer runs on, and when it rings it is started again for what is left:
 *
 *     calls    |--|  |--|  |--|  |-----------------------------------| too long
 *     timer    |--------------------------|------------------| ring: wake it
 *                                         ring: nothing is due
 *
 * The timer rings once at most when nothing is left, and does not keep the process alive for that.
 */
export class Alarm {
  /** In no order. */
  readonly #sleepers: Sleeper[] = [];
  #timer: NodeJS.Timeout | undefined;
  #ringsAtMs = Infinity;
  readonly #timers: Timers;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  add(sleeper: Sleeper, nowMs: number): void {
    sleeper.place = this.#sleepers.push(sleeper) - 1;
    if (sleeper.dueAtMs < this.#ringsAtMs) this.#start(sleeper.dueAtMs, nowMs);
    else this.#timer?.ref();
  }

  /** Does nothing if the sleeper is not there any more. */
  remove(sleeper: Sleeper): void {
    const { place } = sleeper;
    if (this.#sleepers[place] !== sleeper) return;
    const last = this.#sleepers.pop() ?? sleeper;
    if (last !== sleeper) {
      this.#sleepers[place] = last;
      last.place = place;
    }
    if (this.#sleepers.length === 0) this.#timer?.unref();
  }

  #start(atMs: number, nowMs: number): void {
    this.#timers.clearTimeout(this.#timer);
    this.#ringsAtMs = atMs;
    this.#timer = this.#timers.setTimeout(() => this.#ring(), atMs - nowMs);
  }

  #ring(): void {
    const nowMs = performance.now();
    this.#timer = undefined;
    this.#ringsAtMs = Infinity;
    for (const sleeper of this.#sleepers.filter(({ dueAtMs }) => dueAtMs < nowMs + EARLY_MS)) {
      this.remove(sleeper);
      sleeper.wake();
    }
    const nextAtMs = this.#sleepers.reduce(
      (least, { dueAtMs }) => Math.min(least, dueAtMs),
      Infinity,
    );
    if (nextAtMs < Infinity) this.#start(nextAtMs, nowMs);
  }
}
