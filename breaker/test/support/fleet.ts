/** A fleet of real breakers on one store, in virtual time, with the faults that instances meet. */

import type {
  Breaker,
  BreakerOptions,
  CallRecord,
  CircuitStore,
  ExecuteOptions,
  Item,
  StoreChange,
  Transition,
  Write,
} from 'fleet-breaker';
import { CallTimeoutError, CircuitOpenError, createBreaker, StoreError } from 'fleet-breaker';
import { type Harness, memoryHarness, newName } from '../stores/harness.ts';
import { SimTime } from './sim-time.ts';

/**
 * What goes wrong with one contact: `throttled` and `down` are refused, `silent` is never answered
 * and has no effect, `answerLost` has its effect and is never answered.
 */
export type Fault = 'throttled' | 'down' | 'silent' | 'answerLost';
/** `write`: undefined for a read. */
export type FaultOf = (write: Write | undefined) => Fault | undefined;

/** What the downstream does with one call. `hang`: no answer at all. */
export type Behaviour = {
  readonly does: 'succeed' | 'fail' | 'answer404' | 'hang';
  readonly afterMs?: number;
};

/** What a caller got. */
export type Answer = 'success' | 'failure' | 'ignored' | 'timeout' | 'refused';

/** Told what happens outside of the breakers. */
export interface Listener {
  onCallStart(instance: Instance): void;
  onAnswer(instance: Instance, answer: Answer): void;
  onSent(instance: Instance, write: Write): void;
  onApplied(write: Write, after: Item): void;
  onDelivered(instance: Instance, delivery: Delivery): void;
  onTold(instance: Instance, transition: Transition): void;
}

/** An answer of the store that has reached an instance. */
export interface Delivery {
  readonly item: Item | undefined;
  readonly tookMs: number;
  /** Undefined for a read. */
  readonly write?: Write;
  readonly applied?: boolean;
}

export type FleetOptions = Partial<Omit<BreakerOptions, 'name' | 'store' | 'clock' | 'random'>> & {
  readonly listener?: Listener;
};

export class Fleet {
  readonly time = new SimTime();
  readonly name = newName();
  readonly instances: Instance[] = [];
  /** Every transition told by anyone, in order. */
  readonly told: Transition[] = [];
  /** Calls that reached the downstream. */
  started = 0;
  readonly options: FleetOptions;
  readonly harness: Harness;
  readonly random = seeded(1);
  #born = 0;

  constructor(options: FleetOptions = {}, harness = memoryHarness()) {
    this.options = options;
    this.harness = harness;
  }

  /** The item as it is stored; empty where there is none. */
  async item(): Promise<Item> {
    return (await this.harness.get(this.name)) ?? {};
  }

  /** The operations of the transitions that the whole fleet sees. */
  get history(): string[] {
    return this.told.filter(({ scope }) => scope === 'fleet').map(({ operation }) => operation);
  }

  /** Edits the item by hand; undefined removes an attribute. */
  async edit(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const entries = Object.entries({ ...(await this.item()), ...changes });
    const present = entries.filter(([, value]) => value !== undefined);
    await this.harness.put(this.name, Object.fromEntries(present));
  }

  add(options: FleetOptions = {}): Instance {
    const instance = new Instance(this, `i${this.#born++}`, options);
    this.instances.push(instance);
    return instance;
  }

  addMany(count: number, options: FleetOptions = {}): Instance[] {
    return Array.from({ length: count }, () => this.add(options));
  }

  /** One call of each instance, all at once; answers when the last has its answer. */
  callAll(behaviour: Behaviour, instances = this.instances): Promise<Answer[]> {
    return this.time.until(Promise.all(instances.map((instance) => instance.begin(behaviour))));
  }

  /** `count` calls one after the other, each by the next instance in turn. */
  async callInTurn(
    count: number,
    behaviour: Behaviour,
    instances: readonly Instance[] = this.instances,
  ): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let i = 0; i < count; i++) {
      const instance = instances[i % instances.length];
      if (instance) answers.push(await instance.call(behaviour));
      await this.time.run(10);
    }
    return answers;
  }

  /** Trips the circuit, by calls of an instance that is then no more. */
  async trip(): Promise<void> {
    const instance = this.add();
    await this.callInTurn(this.options.failureThreshold ?? 5, { does: 'fail' }, [instance]);
    this.instances.pop();
  }
}

export class Instance {
  readonly id: string;
  readonly breaker: Breaker;
  readonly records: CallRecord[] = [];
  readonly storeChanges: StoreChange[] = [];
  /** Calls of this instance that reached the downstream. */
  started = 0;
  /** How long a contact with the store takes, there and back. */
  latencyMs = 4;
  skewMs = 0;
  fault: FaultOf = () => undefined;
  isDead = false;
  readonly fleet: Fleet;
  #thawsAtMs = 0;
  #frozenMs = 0;

  constructor(fleet: Fleet, id: string, own: FleetOptions) {
    this.fleet = fleet;
    this.id = id;
    const { listener, ...options } = { ...fleet.options, ...own };
    this.breaker = createBreaker({
      ...options,
      name: fleet.name,
      store: this.#link(fleet.harness.store, listener),
      instanceId: id,
      clock: {
        now: () => fleet.time.nowMs + this.skewMs,
        after: (delayMs, run) => fleet.time.after(delayMs, () => this.#whenAwake(run)),
      },
      random: fleet.random,
      onTransition: (transition) => {
        fleet.told.push(transition);
        listener?.onTold(this, transition);
        options.onTransition?.(transition);
      },
      onCall: (record) => {
        this.records.push(record);
        options.onCall?.(record);
      },
      onStoreChange: (change) => {
        this.storeChanges.push(change);
        options.onStoreChange?.(change);
      },
    });
  }

  get isOut(): boolean {
    return this.storeChanges.at(-1)?.available === false;
  }

  /** Nothing of this instance goes on: no timer, no answer. */
  kill(): void {
    this.isDead = true;
  }

  /** Everything of this instance stands still, and what became due meanwhile follows at the end. */
  freeze(ms: number): void {
    const { nowMs } = this.fleet.time;
    const thawsAtMs = Math.max(this.#thawsAtMs, nowMs + ms);
    this.#frozenMs += thawsAtMs - Math.max(this.#thawsAtMs, nowMs);
    this.#thawsAtMs = thawsAtMs;
  }

  /** Time that has passed for this instance. */
  get awakeMs(): number {
    return this.fleet.time.nowMs - this.#frozenMs;
  }

  get isFrozen(): boolean {
    return this.#thawsAtMs > this.fleet.time.nowMs;
  }

  /** Makes a call and lets time pass until it is answered. */
  call(behaviour: Behaviour, options?: ExecuteOptions<never>): Promise<Answer> {
    return this.fleet.time.until(this.begin(behaviour, options));
  }

  /** Begins a call. The answer never comes if the instance dies. */
  async begin(behaviour: Behaviour, options?: ExecuteOptions<never>): Promise<Answer> {
    const call = () => this.#downstream(behaviour);
    const answer = await this.breaker
      .execute(call, options)
      .then(() => 'success' as const, answerOf);
    this.fleet.options.listener?.onAnswer(this, answer);
    return answer;
  }

  async #downstream({ does, afterMs = 20 }: Behaviour): Promise<void> {
    this.started++;
    this.fleet.started++;
    this.fleet.options.listener?.onCallStart(this);
    if (does === 'hang') return new Promise(() => {});
    await this.#wait(afterMs);
    if (does === 'fail') throw new DownstreamFailed();
    if (does === 'answer404') throw new NotFound();
  }

  #link(store: CircuitStore, listener: Listener | undefined): CircuitStore {
    const contact = async <T>(write: Write | undefined, act: () => Promise<T>): Promise<T> => {
      const fault = this.fault(write);
      await this.#wait(this.latencyMs / 2);
      if (fault === 'throttled') throw new StoreError('throttled', 'too fast');
      if (fault === 'down') throw new StoreError('unavailable', 'no connection');
      if (fault === 'silent') return new Promise(() => {});
      const result = await this.fleet.time.outside(act());
      if (fault === 'answerLost') return new Promise(() => {});
      await this.#wait(this.latencyMs / 2);
      return result;
    };
    const apply = async (name: string, write: Write) => {
      const result = await store.write(name, write);
      if (result.applied) listener?.onApplied(write, result.item);
      return result;
    };
    return {
      read: async (name, options) => {
        const sentMs = this.fleet.time.nowMs;
        const item = await contact(undefined, () => store.read(name, options));
        listener?.onDelivered(this, { item, tookMs: this.fleet.time.nowMs - sentMs });
        return item;
      },
      write: async (name, write) => {
        const sentMs = this.fleet.time.nowMs;
        listener?.onSent(this, write);
        const result = await contact(write, () => apply(name, write));
        listener?.onDelivered(this, { ...result, write, tookMs: this.fleet.time.nowMs - sentMs });
        return result;
      },
    };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.fleet.time.after(ms, () => this.#whenAwake(resolve));
    });
  }

  #whenAwake(run: () => void): void {
    if (this.isDead) return;
    const frozenMs = this.#thawsAtMs - this.fleet.time.nowMs;
    if (frozenMs > 0) this.fleet.time.after(frozenMs, () => this.#whenAwake(run));
    else run();
  }
}

class DownstreamFailed extends Error {}

class NotFound extends Error {
  readonly status = 404;
}

function answerOf(error: unknown): Answer {
  if (error instanceof CircuitOpenError) return 'refused';
  if (error instanceof CallTimeoutError) return 'timeout';
  if (error instanceof NotFound) return 'ignored';
  if (error instanceof DownstreamFailed) return 'failure';
  throw error;
}

/** The same numbers in [0, 1) for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
