import type { Clock } from 'fleet-breaker';
import type { VirtualTime } from './virtual-time.ts';

/**
 * One Lambda execution environment. While it stands still, frozen or between two requests, its
 * clock goes on, but no timer fires and no answer arrives. Dead, it runs nothing any more.
 */
export class Instance {
  readonly id: string;
  readonly time: VirtualTime;
  readonly clock: Clock;
  /** How far its clock is ahead. */
  skewMs: number;
  isDead = false;
  isPaused = false;
  #heldAnswers: (() => void)[] = [];
  #heldTimers: (() => void)[] = [];
  /** What cancels each timer that has not fired. */
  readonly #timers = new Set<() => void>();
  #thawsAtMs = 0;
  #frozenMs = 0;

  constructor(time: VirtualTime, id: string, skewMs = 0) {
    this.time = time;
    this.id = id;
    this.skewMs = skewMs;
    this.clock = {
      now: () => Math.floor(time.nowMs + this.skewMs),
      after: (delayMs, run) => this.#after(delayMs, run),
    };
  }

  get isFrozen(): boolean {
    return this.#thawsAtMs > this.time.elapsedMs;
  }

  /** The time that has passed for this instance, in milliseconds. */
  get awakeMs(): number {
    return this.time.elapsedMs - this.#frozenMs;
  }

  /** Hands over what has arrived from outside. */
  deliver(answer: () => void): void {
    if (this.isDead) return;
    if (this.isPaused) this.#heldAnswers.push(answer);
    else answer();
  }

  pause(): void {
    this.isPaused = true;
  }

  /** What was missed happens now; as in Node, an answer that is there wins over its own deadline. */
  resume(): void {
    this.isPaused = false;
    const answers = this.#heldAnswers.map((answer) => () => this.deliver(answer));
    for (const run of [...answers, ...this.#heldTimers]) this.time.after(0, run);
    this.#heldAnswers = [];
    this.#heldTimers = [];
  }

  /** Stops everything for a time, at least. `onThaw`: instead of going on then. */
  freeze(ms: number, onThaw = () => this.resume()): void {
    const nowMs = this.time.elapsedMs;
    const fromMs = Math.max(this.#thawsAtMs, nowMs);
    const thawsAtMs = Math.max(fromMs, nowMs + ms);
    this.#frozenMs += thawsAtMs - fromMs;
    this.#thawsAtMs = thawsAtMs;
    this.pause();
    this.time.after(ms, () => {
      if (!this.isFrozen) onThaw();
    });
  }

  /** Nothing of this instance goes on: no timer, no answer. */
  kill(): void {
    this.isDead = true;
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #after(delayMs: number, run: () => void): () => void {
    let isCancelled = false;
    const fire = () => {
      this.#timers.delete(cancel);
      if (this.isDead || isCancelled) return;
      if (this.isPaused) this.#heldTimers.push(fire);
      else run();
    };
    const cancel = this.time.after(delayMs, fire);
    this.#timers.add(cancel);
    return () => {
      isCancelled = true;
      this.#timers.delete(cancel);
      cancel();
    };
  }
}
