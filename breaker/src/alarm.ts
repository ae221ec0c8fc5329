import { AsyncResource } from 'node:async_hooks';

/** What waits for its time to come. */
export interface Sleeper {
  /** By the alarm's own `now`. */
  readonly dueAtMs: number;
  readonly wake: () => void;
  /** The alarm's own: where it keeps this sleeper. */
  place: number;
}

/** Where time comes from. */
export interface Timers extends Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'> {
  /** Milliseconds that no setting of the clock changes. */
  readonly now: () => number;
}

/**
 * The async context in which this was loaded. The timer is started in it, so that it keeps nothing of
 * the request that has started it; Node offers no context that is sure to be empty.
 */
const LOADING = new AsyncResource('fleet-breaker.Alarm');

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

  /** Answers whether the sleeper was still there. */
  remove(sleeper: Sleeper): boolean {
    const { place } = sleeper;
    if (this.#sleepers[place] !== sleeper) return false;
    const last = this.#sleepers.pop() ?? sleeper;
    if (last !== sleeper) {
      this.#sleepers[place] = last;
      last.place = place;
    }
    if (this.#sleepers.length === 0) this.#timer?.unref();
    return true;
  }

  #start(atMs: number, nowMs: number): void {
    this.#timers.clearTimeout(this.#timer);
    this.#ringsAtMs = atMs;
    const start = () => this.#timers.setTimeout(() => this.#ring(), Math.trunc(atMs - nowMs));
    this.#timer = LOADING.runInAsyncScope(start);
  }

  #ring(): void {
    const nowMs = this.#timers.now();
    this.#timer = undefined;
    this.#ringsAtMs = Infinity;
    const due = this.#sleepers.filter(({ dueAtMs }) => dueAtMs < nowMs + EARLY_MS);
    for (const sleeper of due.sort((a, b) => a.dueAtMs - b.dueAtMs)) {
      if (this.remove(sleeper)) sleeper.wake();
    }
    const nextAtMs = this.#sleepers.reduce(
      (least, { dueAtMs }) => Math.min(least, dueAtMs),
      Infinity,
    );
    if (nextAtMs < Infinity) this.#start(nextAtMs, nowMs);
  }
}
