/** A read that began this recently is shared. */
const SHARED_MS = 20;

interface UnderWay {
  readonly beganAtMs: number;
  readonly done: Promise<unknown>;
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

  /** Waits for the read that began lately, or begins another if `mayBegin`. */
  async join(nowMs: number, mayBegin: boolean): Promise<void> {
    const current = this.#underWay;
    if (current && Math.abs(nowMs - current.beganAtMs) <= SHARED_MS) {
      await current.done;
      return;
    }
    if (!mayBegin) return;
    const own = { beganAtMs: nowMs, done: this.#read() };
    this.#underWay = own;
    await own.done;
    if (this.#underWay === own) this.#underWay = undefined;
  }
}
