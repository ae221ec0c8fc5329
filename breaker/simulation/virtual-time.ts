/** When every simulation begins, in epoch milliseconds. */
const EPOCH_MS = Date.UTC(2026, 0, 1);

/**
 * Virtual time. Events run in the order of their time, and of their making where that is equal.
 * Every event gets a turn of its own of Node's real event loop, so the promises that it settles are
 * followed to their end before the next event. Code that awaits runs unchanged and takes no virtual
 * time, a run repeats exactly, and an hour costs what happens in it.
 */
export class VirtualTime {
  /** Milliseconds since the beginning. */
  elapsedMs = 0;
  readonly #heap: Event[] = [];
  #made = 0;
  #outside = 0;
  #failure: Error | undefined;

  /** Epoch milliseconds. */
  get nowMs(): number {
    return EPOCH_MS + this.elapsedMs;
  }

  /** Calls `run` once after `delayMs`. The returned function cancels it. */
  after(delayMs: number, run: () => void): () => void {
    const atMs = this.elapsedMs + Math.max(0, delayMs);
    const event: Event = { atMs, order: this.#made++, run };
    siftUp(this.#heap, event);
    return () => {
      event.run = undefined;
    };
  }

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMs, resolve);
    });
  }

  /** Real work that takes no virtual time, such as a request: time stands still until it is done. */
  async outside<T>(work: T | Promise<T>): Promise<T> {
    if (!(work instanceof Promise)) return work;
    this.#outside++;
    return work.finally(() => {
      this.#outside--;
    });
  }

  /** Ends the run: a thrown error would be lost in the promises of the code under test. */
  fail(failure: unknown): void {
    this.#failure ??= failure instanceof Error ? failure : new Error(String(failure));
  }

  /** Lets `ms` pass. Rejects as soon as an event fails. */
  async run(ms: number): Promise<void> {
    const endMs = this.elapsedMs + ms;
    await this.#advance(endMs, () => false);
    this.elapsedMs = endMs;
  }

  /** Lets time pass until `promise` has settled, at most `limitMs`. */
  async until<T>(promise: Promise<T>, limitMs = 3_600_000): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    await this.#advance(this.elapsedMs + limitMs, () => isSettled);
    if (isSettled) return promise;
    throw new Error(`Nothing settles it within ${limitMs} ms of virtual time`);
  }

  /** When the next event is due, in `elapsedMs`; undefined if there is none. */
  get nextEventMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.atMs;
  }

  /**
   * Runs the next event that is due by `endMs`, and answers whether there was one. Whoever drives
   * time by single events follows the promises that each has settled.
   */
  runNext(endMs: number): boolean {
    const event = this.#next(endMs);
    if (event) this.#run(event);
    return event !== undefined;
  }

  /** Runs the events up to `endMs`, and those made meanwhile, until `isDone`. */
  #advance(endMs: number, isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = () => {
        if (this.#failure) return reject(this.#failure);
        if (this.#outside > 0) return setImmediate(turn);
        const event = isDone() ? undefined : this.#next(endMs);
        if (!event) return resolve();
        this.#run(event);
        return setImmediate(turn);
      };
      setImmediate(turn);
    });
  }

  #run({ atMs, run }: Event): void {
    this.elapsedMs = atMs;
    try {
      run?.();
    } catch (error) {
      this.fail(error);
    }
  }

  #next(endMs: number): Event | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    return first && first.atMs <= endMs ? removeFirst(this.#heap) : undefined;
  }

  /** Cancelled events cost no turn: nearly every timeout is one. */
  #dropCancelled(): void {
    let first = this.#heap[0];
    while (first && !first.run) {
      removeFirst(this.#heap);
      first = this.#heap[0];
    }
  }
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  /** Undefined: cancelled. */
  run: (() => void) | undefined;
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** A binary heap: the children of `i` are at 2i + 1 and 2i + 2, and none is before its parent. */
function siftUp(heap: Event[], event: Event): void {
  let i = heap.length;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    const above = heap[parent] as Event;
    if (!isBefore(event, above)) break;
    heap[i] = above;
    i = parent;
  }
  heap[i] = event;
}

function removeFirst(heap: Event[]): Event | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (!last || first === last) return first;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    const hasSecond = child + 1 < heap.length;
    if (hasSecond && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
    if (!isBefore(heap[child] as Event, last)) break;
    heap[i] = heap[child] as Event;
    i = child;
  }
  heap[i] = last;
  return first;
}
