import type { Key } from './tokens.ts';

const FIRST_CAPACITY = 2 ** 16;
/** Share of the places that may be taken before the table grows. */
const MAX_LOAD = 0.6;

/**
 * The states that were met, with the least depth at which each was. An open-addressed table: ten
 * million states take 170 MB.
 */
export class Visited {
  size = 0;
  #capacity = FIRST_CAPACITY;
  #low = new Uint32Array(FIRST_CAPACITY);
  #high = new Uint32Array(FIRST_CAPACITY);
  /** The least depth plus one; 0: the place is free. */
  #depth = new Uint8Array(FIRST_CAPACITY);
  /** In which round the state was followed last. */
  #round = new Uint8Array(FIRST_CAPACITY);

  /**
   * Whether a state met at `depth` is to be followed: it is new, or was met only later in a
   * schedule, or not in this round.
   */
  meet(key: Key, depth: number, round: number): 'new' | 'again' | 'known' {
    const at = this.#placeOf(key);
    const least = this.#depth[at] as number;
    if (least === 0) {
      this.#low[at] = key.low;
      this.#high[at] = key.high;
      this.#depth[at] = depth + 1;
      this.#round[at] = round;
      this.size++;
      if (this.size > this.#capacity * MAX_LOAD) this.#grow();
      return 'new';
    }
    const isFollowed = least === depth + 1 && this.#round[at] === round;
    if (least < depth + 1 || isFollowed) return 'known';
    this.#depth[at] = depth + 1;
    this.#round[at] = round;
    return 'again';
  }

  #placeOf({ low, high }: Key): number {
    const mask = this.#capacity - 1;
    let at = low & mask;
    while (this.#depth[at] !== 0 && (this.#low[at] !== low || this.#high[at] !== high))
      at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [low, high, depth, round] = [this.#low, this.#high, this.#depth, this.#round];
    this.#capacity *= 2;
    this.#low = new Uint32Array(this.#capacity);
    this.#high = new Uint32Array(this.#capacity);
    this.#depth = new Uint8Array(this.#capacity);
    this.#round = new Uint8Array(this.#capacity);
    for (let i = 0; i < depth.length; i++) {
      if (depth[i] === 0) continue;
      const at = this.#placeOf({ low: low[i] as number, high: high[i] as number });
      this.#low[at] = low[i] as number;
      this.#high[at] = high[i] as number;
      this.#depth[at] = depth[i] as number;
      this.#round[at] = round[i] as number;
    }
  }
}
