/**
 * Virtual time. Events run in the order of their time, then of their making. Between two events the
 * promises that the first one settled are followed to their end: every event runs in a turn of its
 * own of Node's real event loop, and Node empties the microtask queue after each. So code that
 * awaits runs unchanged, takes no virtual time, and the same events give the same run.
 */
export class EventLoop {
  nowMs = 0;
  readonly #heap: Event[] = [];
  #made = 0;
  #failure: Error | undefined;

  at(atMs: number, run: () => void): Event {
    const event = { atMs, order: this.#made++, run };
    siftUp(this.#heap, event);
    return event;
  }

  after(delayMs: number, run: () => void): Event {
    return this.at(this.nowMs + delayMs, run);
  }

  /** Ends the run: a thrown error would be lost in the promises of the code under test. */
  fail(failure: unknown): void {
    this.#failure ??= failure instanceof Error ? failure : new Error(String(failure));
  }

  /** Runs every event up to `untilMs`, those made meanwhile too. Rejects as soon as one failed. */
  runUntil(untilMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = () => {
        const event = this.#next(untilMs);
        if (this.#failure) return reject(this.#failure);
        if (!event) {
          this.nowMs = untilMs;
          return resolve();
        }
        this.nowMs = event.atMs;
        try {
          event.run?.();
        } catch (error) {
          this.fail(error);
        }
        setImmediate(step);
      };
      setImmediate(step);
    });
  }

  #next(untilMs: number): Event | undefined {
    let first = this.#heap[0];
    // Cancelled events cost no turn: nearly every timeout is one.
    while (first && !first.run) {
      removeFirst(this.#heap);
      first = this.#heap[0];
    }
    return first && first.atMs <= untilMs ? removeFirst(this.#heap) : undefined;
  }
}

export interface Event {
  readonly atMs: number;
  readonly order: number;
  /** Set to undefined: cancelled. */
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
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event))
      child++;
    if (!isBefore(heap[child] as Event, last)) break;
    heap[i] = heap[child] as Event;
    i = child;
  }
  heap[i] = last;
  return first;
}
