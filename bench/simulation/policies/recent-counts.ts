import type { Clock } from 'fleet-breaker';

const BUCKETS = 10;

/** Two counts over the last `windowMs`, kept in ten buckets. */
export class RecentCounts {
  readonly #clock: Clock;
  readonly #bucketMs: number;
  #buckets: { readonly number: number; first: number; second: number }[] = [];

  constructor(clock: Clock, windowMs: number) {
    this.#clock = clock;
    this.#bucketMs = windowMs / BUCKETS;
  }

  add(first: number, second: number): void {
    const number = this.#number();
    let bucket = this.#buckets.at(-1);
    if (bucket?.number !== number) {
      bucket = { number, first: 0, second: 0 };
      this.#buckets.push(bucket);
    }
    bucket.first += first;
    bucket.second += second;
  }

  sums(): readonly [first: number, second: number] {
    const oldest = this.#number() - BUCKETS;
    this.#buckets = this.#buckets.filter(({ number }) => number > oldest);
    const sum = (of: 'first' | 'second') =>
      this.#buckets.reduce((total, bucket) => total + bucket[of], 0);
    return [sum('first'), sum('second')];
  }

  clear(): void {
    this.#buckets = [];
  }

  #number(): number {
    return Math.floor(this.#clock.now() / this.#bucketMs);
  }
}
