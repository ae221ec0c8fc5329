/** A read that began so lately serves whoever needs one now. */
const SHARED_MS = 20;

interface UnderWay {
  readonly beganAtMs: number;
  readonly done: Promise<unknown>;
}

/**
 * One read for all calls of an instance that need one at nearly the same time. An environment may
 * serve many requests at once (Lambda Managed Instances, ECS), and one answer tells them all.
 */
export class SharedRead {
  readonly #read: () => Promise<unknown>;
  #underWay: UnderWay | undefined;

  /** `read` must not reject. */
  constructor(read: () => Promise<unknown>) {
    this.#read = read;
  }

  get isUnderWay(): boolean {
    return this.#underWay !== undefined;
  }

  /** Waits for the read that began lately, or begins another. */
  async join(nowMs: number): Promise<void> {
    const current = this.#underWay;
    if (current && Math.abs(nowMs - current.beganAtMs) <= SHARED_MS) {
      await current.done;
      return;
    }
    const own = { beganAtMs: nowMs, done: this.#read() };
    this.#underWay = own;
    await own.done;
    if (this.#underWay === own) this.#underWay = undefined;
  }
}
