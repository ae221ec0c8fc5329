import { type Item, memoryStore, StoreError } from 'fleet-breaker';
import type { EventLoop } from './event-loop.ts';
import type { Instance } from './instance.ts';
import { happens, type Random } from './random.ts';
import {
  type StoreConditions,
  type StoreConnection,
  storeConnections,
} from './store-conditions.ts';

/** What befalls the share of requests that arrive in its time. */
export interface Trouble {
  readonly fromMs: number;
  readonly untilMs: number;
  /**
   * error: refused as unavailable; silent: lost on the way; deaf: done, but the answer is lost;
   * slow: done and answered, up to 300 ms late; throttled: as above the item's capacity.
   */
  readonly kind: 'error' | 'silent' | 'deaf' | 'slow' | 'throttled';
  readonly share: number;
  /** Default: reads and writes. */
  readonly only?: ContactKind;
}

type ContactKind = 'read' | 'write';

const MAX_SLOWNESS_MS = 300;
/** Two of three replicas follow the first by up to so much; any of the three answers a read. */
export const MAX_REPLICA_LAG_MS = 10;
export const WRITE_UNITS_PER_S = 1_000;
export const READ_UNITS_PER_S = 3_000;
const KEY = 'downstream';

const THROTTLED = new StoreError('throttled', 'simulated: above the capacity of the item');
const UNAVAILABLE = new StoreError('unavailable', 'simulated: the store is out of order');

export type Memory = ReturnType<typeof memoryStore>;

/** The one item of a circuit, as DynamoDB keeps one of less than 1 KB. */
export class SimulatedItem {
  readonly counts = { reads: 0, writes: 0, throttled: 0 };
  /** When a circuit that was not OPEN was written OPEN. */
  readonly tripsMs: number[] = [];
  readonly #memory = memoryStore();
  readonly #loop: EventLoop;
  readonly #random: Random;
  readonly #troubles: readonly Trouble[];
  readonly #readUnits: Bucket;
  readonly #writeUnits: Bucket;
  readonly #connectionOf: (instance: Instance) => StoreConnection;
  #versions: { readonly sinceMs: number; readonly item: Item | undefined }[] = [];

  constructor(loop: EventLoop, random: Random, conditions: StoreConditions) {
    const { troubles = [] } = conditions;
    this.#loop = loop;
    this.#connectionOf = storeConnections(loop, random, conditions);
    this.#random = random;
    this.#troubles = troubles;
    this.#readUnits = new Bucket(loop, READ_UNITS_PER_S);
    this.#writeUnits = new Bucket(loop, WRITE_UNITS_PER_S);
  }

  get latest(): Item | undefined {
    return this.#memory.items.get(KEY);
  }

  read(by: Instance, { consistent } = { consistent: false }): Promise<Item | undefined> {
    this.counts.reads++;
    return this.#contact(by, 'read', () => {
      if (!this.#readUnits.take(consistent ? 1 : 0.5)) throw THROTTLED;
      if (consistent) return this.latest;
      const lagMs = happens(this.#random, 1 / 3) ? 0 : this.#random() * MAX_REPLICA_LAG_MS;
      return this.#itemAt(this.#loop.nowMs - lagMs);
    });
  }

  /** Applies `effect` at one moment: what it changes in the memory store. Refused or not, it costs. */
  write<T>(by: Instance, effect: (memory: Memory, key: string) => T | Promise<T>): Promise<T> {
    this.counts.writes++;
    return this.#contact(by, 'write', () => {
      if (!this.#writeUnits.take(1)) throw THROTTLED;
      const before = this.latest;
      const result = effect(this.#memory, KEY);
      this.#remember(before);
      return result;
    });
  }

  /** Half of the latency on the way there, half on the way back. */
  #contact<T>(by: Instance, kind: ContactKind, effect: () => T | Promise<T>): Promise<T> {
    const connection = this.#connectionOf(by);
    const halfMs = connection.latencyMs() / 2;
    const trouble = this.#troubleNow(kind);
    const slownessMs = trouble === 'slow' ? this.#random() * MAX_SLOWNESS_MS : 0;
    return new Promise((resolve, reject) => {
      const answer = (run: () => void) =>
        this.#loop.after(halfMs + slownessMs, () => {
          connection.answered();
          by.deliver(run);
        });
      this.#loop.after(connection.readyAfterMs() + halfMs, () => {
        if (trouble === 'silent') return;
        if (trouble === 'error') return answer(() => reject(UNAVAILABLE));
        try {
          if (trouble === 'throttled') throw THROTTLED;
          const result = effect();
          if (trouble !== 'deaf') answer(() => resolve(result));
        } catch (error) {
          if (error === THROTTLED) this.counts.throttled++;
          answer(() => reject(error));
        }
      });
    });
  }

  #troubleNow(kind: ContactKind): Trouble['kind'] | undefined {
    const { nowMs } = this.#loop;
    return this.#troubles.find(
      ({ fromMs, untilMs, share, only = kind }) =>
        nowMs >= fromMs && nowMs < untilMs && only === kind && happens(this.#random, share),
    )?.kind;
  }

  #remember(before: Item | undefined): void {
    const { latest } = this;
    if (latest === before) return;
    const { nowMs } = this.#loop;
    const oldest = this.#versions.findLastIndex((v) => v.sinceMs <= nowMs - MAX_REPLICA_LAG_MS);
    this.#versions.splice(0, oldest);
    this.#versions.push({ sinceMs: nowMs, item: latest });
    if (latest?.state === 'OPEN' && before?.state !== 'OPEN') this.tripsMs.push(nowMs);
  }

  #itemAt(atMs: number): Item | undefined {
    return this.#versions.findLast(({ sinceMs }) => sinceMs <= atMs)?.item;
  }
}

/** Capacity: refills evenly and holds what one second brings. */
class Bucket {
  readonly #loop: EventLoop;
  readonly #perS: number;
  #units: number;
  #filledMs = 0;

  constructor(loop: EventLoop, perS: number) {
    this.#loop = loop;
    this.#perS = perS;
    this.#units = perS;
  }

  take(units: number): boolean {
    const { nowMs } = this.#loop;
    const gained = ((nowMs - this.#filledMs) / 1_000) * this.#perS;
    this.#units = Math.min(this.#perS, this.#units + gained);
    this.#filledMs = nowMs;
    if (this.#units < units) return false;
    this.#units -= units;
    return true;
  }
}
