/**
 * Virtual time for tests. Callbacks run in the order of their due times, and of their making where
 * those are equal; between two of them everything that promises have pending is let run. So a run
 * repeats exactly, and an hour costs what happens in it.
 */
export class SimTime {
  nowMs = Date.UTC(2026, 0, 1);
  #outside = 0;
  #pending: { atMs: number; run: () => void }[] = [];

  /** Calls `run` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.nowMs + Math.max(0, delayMs), run };
    const later = this.#pending.findIndex(({ atMs }) => atMs > entry.atMs);
    this.#pending.splice(later < 0 ? this.#pending.length : later, 0, entry);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== entry);
    };
  }

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /** Work that takes no virtual time, such as a real request: time stands still until it is done. */
  async outside<T>(work: Promise<T>): Promise<T> {
    this.#outside++;
    return work.finally(() => {
      this.#outside--;
    });
  }

  /** Lets `ms` pass. */
  async run(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await this.#settle();
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.nowMs = next.atMs;
      next.run();
      await this.#settle();
    }
    this.nowMs = endMs;
  }

  /** Lets time pass until `promise` has settled, at most `limitMs`. */
  async until<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<T> {
    let isSettled = false;
    const done = () => {
      isSettled = true;
    };
    promise.then(done, done);
    const endMs = this.nowMs + limitMs;
    await this.#settle();
    while (!isSettled) {
      const next = this.#next(endMs);
      if (!next) throw new Error(`Nothing settles it within ${limitMs} ms of virtual time`);
      this.nowMs = next.atMs;
      next.run();
      await this.#settle();
    }
    return promise;
  }

  #next(endMs: number) {
    const [next] = this.#pending;
    return next && next.atMs <= endMs ? this.#pending.shift() : undefined;
  }

  /** Returns after every promise callback that is pending, and all that those bring about. */
  async #settle(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#outside > 0);
  }
}
