import { type Item, type MemoryStore, memoryStore } from 'fleet-breaker';
import type { Instance } from './instance.ts';
import { happens, type Random } from './random.ts';
import { contactStore, type StorePath, throttle } from './store-path.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Two of three replicas follow the first by up to so much; any of the three answers a read. */
export const MAX_REPLICA_LAG_MS = 10;
export const WRITE_UNITS_PER_S = 1_000;
export const READ_UNITS_PER_S = 3_000;
const KEY = 'downstream';

/** The one item of a circuit, as DynamoDB keeps one of less than 1 KB. */
export class SharedItem {
  readonly counts = { reads: 0, writes: 0, throttled: 0 };
  /** When a circuit that was not OPEN was written OPEN. */
  readonly tripsMs: number[] = [];
  /** When a write arrived, applied or not, while the circuit was closed. */
  readonly writesMs: number[] = [];
  /** When the circuit came to be closed, or ceased to be, in turn. */
  readonly #turnsMs: number[] = [0];
  readonly #memory = memoryStore();
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #pathOf: (instance: Instance) => StorePath;
  readonly #readUnits: Bucket;
  readonly #writeUnits: Bucket;
  #versions: { readonly sinceMs: number; readonly item: Item | undefined }[] = [];

  constructor(time: VirtualTime, random: Random, pathTo: (instance: Instance) => StorePath) {
    this.#time = time;
    this.#random = random;
    this.#pathOf = onePerInstance(pathTo);
    this.#readUnits = new Bucket(time, READ_UNITS_PER_S);
    this.#writeUnits = new Bucket(time, WRITE_UNITS_PER_S);
  }

  get latest(): Item | undefined {
    return this.#memory.items.get(KEY);
  }

  async read(by: Instance, { consistent } = { consistent: false }): Promise<Item | undefined> {
    this.counts.reads++;
    return contactStore(by, this.#pathOf(by), { kind: 'read' }, () => {
      if (!this.#readUnits.take(consistent ? 1 : 0.5)) this.#throttle();
      if (consistent) return this.latest;
      const lagMs = happens(this.#random, 1 / 3) ? 0 : this.#random() * MAX_REPLICA_LAG_MS;
      return this.#itemAt(this.#time.elapsedMs - lagMs);
    });
  }

  /**
   * Applies `effect` at one moment: what it changes in the memory store. Applied or not, a write
   * takes capacity.
   */
  write<T>(by: Instance, effect: (memory: MemoryStore, key: string) => T | Promise<T>): Promise<T> {
    this.counts.writes++;
    return contactStore(by, this.#pathOf(by), { kind: 'write' }, () => {
      if (this.#isClosed) this.writesMs.push(this.#time.elapsedMs);
      if (!this.#writeUnits.take(1)) this.#throttle();
      const before = this.latest;
      const result = effect(this.#memory, KEY);
      this.#remember(before);
      return result;
    });
  }

  /** For how long the circuit has been closed until then. */
  closedMs(untilMs: number): number {
    const turnsMs = this.#turnsMs.filter((atMs) => atMs < untilMs);
    if (turnsMs.length % 2 === 1) turnsMs.push(untilMs);
    return turnsMs.reduce((sum, atMs, i) => sum + (i % 2 === 0 ? -atMs : atMs), 0);
  }

  get #isClosed(): boolean {
    return this.#turnsMs.length % 2 === 1;
  }

  #throttle(): never {
    this.counts.throttled++;
    return throttle();
  }

  #remember(before: Item | undefined): void {
    const { latest } = this;
    if (latest === before) return;
    const nowMs = this.#time.elapsedMs;
    const oldest = this.#versions.findLastIndex((v) => v.sinceMs <= nowMs - MAX_REPLICA_LAG_MS);
    this.#versions.splice(0, oldest);
    this.#versions.push({ sinceMs: nowMs, item: latest });
    if (this.#isClosed !== ((latest?.state ?? 'CLOSED') === 'CLOSED')) this.#turnsMs.push(nowMs);
    if (latest?.state === 'OPEN' && before?.state !== 'OPEN') this.tripsMs.push(nowMs);
  }

  #itemAt(atMs: number): Item | undefined {
    return this.#versions.findLast(({ sinceMs }) => sinceMs <= atMs)?.item;
  }
}

function onePerInstance(pathTo: (instance: Instance) => StorePath) {
  const paths = new WeakMap<Instance, StorePath>();
  return (instance: Instance): StorePath => {
    const path = paths.get(instance) ?? pathTo(instance);
    paths.set(instance, path);
    return path;
  };
}

/** Capacity: refills evenly and holds what one second brings. */
class Bucket {
  readonly #time: VirtualTime;
  readonly #perS: number;
  #units: number;
  #filledAtMs = 0;

  constructor(time: VirtualTime, perS: number) {
    this.#time = time;
    this.#perS = perS;
    this.#units = perS;
  }

  take(units: number): boolean {
    const nowMs = this.#time.elapsedMs;
    const gained = ((nowMs - this.#filledAtMs) / 1_000) * this.#perS;
    this.#units = Math.min(this.#perS, this.#units + gained);
    this.#filledAtMs = nowMs;
    if (this.#units < units) return false;
    this.#units -= units;
    return true;
  }
}
