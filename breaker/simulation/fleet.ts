import {
  type Breaker,
  type BreakerOptions,
  type CallRecord,
  CallTimeoutError,
  CircuitOpenError,
  type CircuitStore,
  type ExecuteOptions,
  type Item,
  type StoreChange,
  type Transition,
  type Write,
} from 'fleet-breaker';
import { Instance } from './instance.ts';
import { type Harness, memoryHarness } from './memory-harness.ts';
import { Monitor } from './monitor.ts';
import { type Random, randomStream } from './random.ts';
import { type Contact, contactStore, type Fault, type StorePath } from './store-path.ts';
import { VirtualTime } from './virtual-time.ts';
import { WatchedBreaker } from './watched-breaker.ts';

/** What the downstream does with one call. `hang`: no answer at all. */
export interface Behaviour {
  readonly does: 'succeed' | 'fail' | 'answer404' | 'hang';
  readonly afterMs?: number;
}

/** What a caller got. */
export type Answer = 'success' | 'failure' | 'ignored' | 'timeout' | 'refused';

/** The fault of the next contact. `write`: undefined for a read. */
export type FaultOf = (write: Write | undefined) => Fault | undefined;

type OwnOptions = Omit<BreakerOptions, 'name' | 'store' | 'clock' | 'random'>;

export type FleetOptions = { readonly [K in keyof OwnOptions]?: Exclude<OwnOptions[K], undefined> };

/** Unless a test says otherwise, five failures in a row trip. */
const USUAL_RULES = {
  failureThreshold: 5,
  failureRate: 1,
  openMs: 5_000,
  streakWindowMs: 30_000,
  rampMs: 0,
};

/** A fleet of breakers on one store in virtual time, each call of which its user decides on. */
export class Fleet {
  readonly time = new VirtualTime();
  readonly name = `fleet-${++fleets}`;
  readonly instances: FleetInstance[] = [];
  /** Every transition published by anyone, in order. */
  readonly published: Transition[] = [];
  /** Calls that reached the downstream. */
  started = 0;
  readonly options: FleetOptions & typeof USUAL_RULES;
  readonly harness: Harness;
  readonly monitor: Monitor;
  readonly random: Random = randomStream(1, 'fleet');
  #born = 0;

  constructor(options: FleetOptions = {}, harness: Harness = memoryHarness()) {
    this.options = { ...USUAL_RULES, ...options };
    this.harness = harness;
    const maxProbes = this.options.probes?.max ?? 1;
    this.monitor = new Monitor({ ...this.options, maxProbes, time: this.time });
  }

  /** The item as it is stored; empty where there is none. */
  async item(): Promise<Item> {
    return (await this.harness.get(this.name)) ?? {};
  }

  /** The operations of the transitions that the whole fleet sees. */
  get history(): string[] {
    const ofFleet = this.published.filter(({ scope }) => scope === 'fleet');
    return ofFleet.map(({ operation }) => operation);
  }

  /** Edits the item past the library; undefined removes an attribute. */
  async edit(changes: Readonly<Record<string, unknown>>): Promise<void> {
    const entries = Object.entries({ ...(await this.item()), ...changes });
    const present = entries.filter(([, value]) => value !== undefined);
    await this.harness.put(this.name, Object.fromEntries(present));
  }

  add(options: FleetOptions = {}): FleetInstance {
    const instance = new FleetInstance(this, `i${this.#born++}`, options);
    this.instances.push(instance);
    return instance;
  }

  addMany(count: number, options: FleetOptions = {}): FleetInstance[] {
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
    instances: readonly FleetInstance[] = this.instances,
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
    for (let i = 0; i < MAX_CALLS_TO_TRIP; i++) {
      if ((await this.item()).state === 'OPEN') break;
      await this.callInTurn(1, { does: 'fail' }, [instance]);
    }
    this.instances.pop();
  }
}

let fleets = 0;
/** A streak that follows others has to settle first. */
const MAX_CALLS_TO_TRIP = 100;

/** How late the answer to a slow contact is. */
const SLOWNESS_MS = 400;

/** An instance of a fleet, with its breaker and its way to the store. */
export class FleetInstance extends Instance {
  readonly breaker: Breaker;
  readonly records: CallRecord[] = [];
  readonly storeChanges: StoreChange[] = [];
  /** Calls of this instance that reached the downstream. */
  started = 0;
  /** How long a contact with the store takes, there and back. */
  latencyMs = 4;
  fault: FaultOf = () => undefined;
  readonly fleet: Fleet;
  readonly #watched: WatchedBreaker;

  constructor(fleet: Fleet, id: string, own: FleetOptions) {
    super(fleet.time, id);
    this.fleet = fleet;
    const options = { ...fleet.options, ...own };
    this.#watched = new WatchedBreaker(this, this.#store(), fleet.monitor, {
      ...options,
      name: fleet.name,
      random: fleet.random,
      onTransition: (transition) => {
        fleet.published.push(transition);
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
    this.breaker = this.#watched.breaker;
  }

  get isOut(): boolean {
    return this.storeChanges.at(-1)?.available === false;
  }

  /** Makes a call and lets time pass until it is answered. */
  call(behaviour: Behaviour, options?: ExecuteOptions<never>): Promise<Answer> {
    return this.time.until(this.begin(behaviour, options));
  }

  /** Begins a call. The answer never comes if the instance dies. */
  begin(behaviour: Behaviour, options?: ExecuteOptions<never>): Promise<Answer> {
    const call = () => this.#callDownstream(behaviour);
    return this.#watched.execute(call, options).then(() => 'success' as const, answerOf);
  }

  #callDownstream({ does, afterMs = 20 }: Behaviour): Promise<void> {
    this.started++;
    this.fleet.started++;
    return new Promise((resolve, reject) => {
      if (does === 'hang') return;
      const answer = () => {
        if (does === 'succeed') resolve();
        else reject(does === 'fail' ? new DownstreamFailed() : new NotFound());
      };
      this.time.after(afterMs, () => this.deliver(answer));
    });
  }

  #store(): CircuitStore {
    const { fleet } = this;
    const { store } = fleet.harness;
    const path: StorePath = {
      latencyMs: () => this.latencyMs,
      slownessMs: () => SLOWNESS_MS,
      fault: ({ write }) => this.fault(write),
    };
    const contact = <T>(what: Contact, effect: () => Promise<T>) =>
      contactStore(this, path, what, effect);
    return {
      read: (name, options) => contact({ kind: 'read' }, () => store.read(name, options)),
      write: (name, write) =>
        contact({ kind: 'write', write }, async () => {
          const result = await store.write(name, write);
          if (!result.applied) return result;
          if (name === fleet.name) fleet.monitor.writeApplied(write, result.item);
          else fleet.monitor.copyWritten(name, result.item);
          return result;
        }),
    };
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
