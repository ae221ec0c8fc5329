import { type Item, type MemoryStore, memoryStore } from 'fleet-breaker';
import type { Instance } from './instance.ts';
import { happens, type Random } from './random.ts';
import { contactStore, type StorePath, throttle } from './store-path.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Two of three replicas follow the first by up to so much; any of the three answers a read. */
export const MAX_REPLICA_LAG_MS = 10;
export const WRITE_UNITS_PER_S = 1_000;
export const READ_UNITS_PER_S = 3_000;
/** The name of the circuit, and the key of its item. */
export const KEY = 'downstream';

/**
 * The items of one circuit, as DynamoDB keeps those of less than 1 KB: its own and, where there are
 * any, copies of it. Each has a partition to itself and bears what one bears.
 */
export class SharedItem {
  readonly counts = { reads: 0, writes: 0, throttled: 0 };
  /** When a circuit that was not OPEN was written OPEN. */
  readonly tripsMs: number[] = [];
  /** When a write of the circuit's own item arrived, applied or not, while it was closed. */
  readonly writesMs: number[] = [];
  /** When the circuit came to be closed, or ceased to be, in turn. */
  readonly #turnsMs: number[] = [0];
  readonly #memory = memoryStore();
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #pathOf: (instance: Instance) => StorePath;
  readonly #maxLagMs: number;
  readonly #partitions = new Map<string, Partition>();

  constructor(
    time: VirtualTime,
    random: Random,
    pathTo: (instance: Instance) => StorePath,
    maxLagMs = MAX_REPLICA_LAG_MS,
  ) {
    this.#time = time;
    this.#random = random;
    this.#pathOf = onePerInstance(pathTo);
    this.#maxLagMs = maxLagMs;
  }

  get latest(): Item | undefined {
    return this.#memory.items.get(KEY);
  }

  /** The keys of the copies that there are. */
  get copies(): string[] {
    return [...this.#memory.items.keys()].filter((key) => key !== KEY);
  }

  /** Deletes a copy past the library. */
  lose(copy: string): void {
    this.#memory.items.delete(copy);
    this.#partition(copy).change(this.#time.elapsedMs, undefined);
  }

  async read(
    by: Instance,
    { consistent } = { consistent: false },
    key = KEY,
  ): Promise<Item | undefined> {
    this.counts.reads++;
    return contactStore(by, this.#pathOf(by), { kind: 'read' }, () => {
      const partition = this.#partition(key);
      if (!partition.readUnits.take(consistent ? 1 : 0.5)) this.#throttle();
      if (consistent) return this.#memory.items.get(key);
      const lagMs = happens(this.#random, 1 / 3) ? 0 : this.#random() * this.#maxLagMs;
      return partition.itemAt(this.#time.elapsedMs - lagMs);
    });
  }

  /**
   * Applies `effect` at one moment: what it changes in the memory store. Applied or not, a write
   * takes capacity.
   */
  write<T>(
    by: Instance,
    effect: (memory: MemoryStore, key: string) => T | Promise<T>,
    key = KEY,
  ): Promise<T> {
    this.counts.writes++;
    return contactStore(by, this.#pathOf(by), { kind: 'write' }, () => {
      if (key === KEY && this.#isClosed) this.writesMs.push(this.#time.elapsedMs);
      if (!this.#partition(key).writeUnits.take(1)) this.#throttle();
      const before = this.#memory.items.get(key);
      const result = effect(this.#memory, key);
      this.#remember(key, before);
      return result;
    });
  }

  /** When the circuit came to be closed again. */
  get recoveriesMs(): number[] {
    return this.#turnsMs.filter((_, i) => i > 0 && i % 2 === 0);
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

  #partition(key: string): Partition {
    const partition = this.#partitions.get(key) ?? new Partition(this.#time, this.#maxLagMs);
    this.#partitions.set(key, partition);
    return partition;
  }

  #throttle(): never {
    this.counts.throttled++;
    return throttle();
  }

  #remember(key: string, before: Item | undefined): void {
    const after = this.#memory.items.get(key);
    if (after === before) return;
    const nowMs = this.#time.elapsedMs;
    this.#partition(key).change(nowMs, after);
    if (key !== KEY) return;
    if (this.#isClosed !== ((after?.state ?? 'CLOSED') === 'CLOSED')) this.#turnsMs.push(nowMs);
    if (after?.state === 'OPEN' && before?.state !== 'OPEN') this.tripsMs.push(nowMs);
  }
}

/** What one item bears, and the versions of it that replicas may still show. */
class Partition {
  readonly readUnits: Bucket;
  readonly writeUnits: Bucket;
  readonly #maxLagMs: number;
  readonly #versions: { readonly sinceMs: number; readonly item: Item | undefined }[] = [];

  constructor(time: VirtualTime, maxLagMs: number) {
    this.readUnits = new Bucket(time, READ_UNITS_PER_S);
    this.writeUnits = new Bucket(time, WRITE_UNITS_PER_S);
    this.#maxLagMs = maxLagMs;
  }

  change(nowMs: number, item: Item | undefined): void {
    const oldest = this.#versions.findLastIndex((v) => v.sinceMs <= nowMs - this.#maxLagMs);
    this.#versions.splice(0, oldest);
    this.#versions.push({ sinceMs: nowMs, item });
  }

  itemAt(atMs: number): Item | undefined {
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
