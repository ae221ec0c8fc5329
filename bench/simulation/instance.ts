import type { Clock } from 'fleet-breaker';
import type { EventLoop } from './event-loop.ts';

/** Where the virtual time begins, so that instances see times as they are: epoch milliseconds. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/** One call as the downstream sees it. */
export interface DownstreamCall {
  readonly by: string;
  readonly startedMs: number;
  /** When it is answered, or cut by its caller's timeout. */
  readonly endsMs: number;
  readonly hasFailed: boolean;
  isProbe: boolean;
}

/**
 * One Lambda execution environment. While it is paused, as between two requests, its clock goes on,
 * but no timer fires and no answer arrives. Dead, it runs nothing any more.
 */
export class Instance {
  readonly id: string;
  readonly clock: Clock;
  isDead = false;
  isPaused = false;
  /** Frozen since its current request began: it cannot be blamed for being late. */
  wasFrozen = false;
  latestCall: DownstreamCall | undefined;
  readonly #loop: EventLoop;
  #heldAnswers: (() => void)[] = [];
  #heldTimers: (() => void)[] = [];

  constructor(loop: EventLoop, id: string, skewMs: number) {
    this.#loop = loop;
    this.id = id;
    this.clock = {
      now: () => Math.floor(EPOCH_MS + loop.nowMs + skewMs),
      after: (delayMs, callback) => this.#after(delayMs, callback),
    };
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
    for (const run of [...answers, ...this.#heldTimers]) this.#loop.after(0, run);
    this.#heldAnswers = [];
    this.#heldTimers = [];
  }

  #after(delayMs: number, callback: () => void): () => void {
    let isCancelled = false;
    const fire = () => {
      if (this.isDead || isCancelled) return;
      if (this.isPaused) this.#heldTimers.push(fire);
      else callback();
    };
    const event = this.#loop.after(delayMs, fire);
    return () => {
      isCancelled = true;
      event.run = undefined;
    };
  }
}
