/** A read that began this recently is shared. */
const SHARED_MS = 20;

interface UnderWay {
  readonly beganAtMs: number;
  readonly done: Promise<void>;
}

/**
 * One read for all calls of an instance that need one at nearly the same time. An environment may
 * serve many requests at once (Lambda Managed Instances, ECS), and one answer serves them all.
 */
export class SharedRead {
  readonly #read: () => Promise<unknown>;
  #underWay: UnderWay | undefined;

  /** `read` must not reject. */
  constructor(read: () => Promise<unknown>) {
    this.#read = read;
  }

  /** The read that began lately, or another if `mayBegin`. */
  join(nowMs: number, mayBegin: boolean): Promise<void> {
    const current = this.#underWay;
    if (current && Math.abs(nowMs - current.beganAtMs) <= SHARED_MS) return current.done;
    if (!mayBegin) return Promise.resolve();
    const own: UnderWay = { beganAtMs: nowMs, done: this.#read().then(() => this.#leave(own)) };
    this.#underWay = own;
    return own.done;
  }

  #leave(own: UnderWay): void {
    if (this.#underWay === own) this.#underWay = undefined;
  }
}
