import {
  type BreakerOptions,
  CircuitOpenError,
  type CircuitStore,
  createBreaker,
  type Item,
  type StoreChange,
  StoreError,
  type Transition,
  type Write,
  type WriteResult,
} from 'fleet-breaker';
import { type Claim, summary } from './monitor.ts';
import type { Policy, PolicyPorts } from './policy.ts';

/** For showing that the watch is awake: makes another write of one that the library asks for. */
export type Tamper = (write: Write) => Write;

/** The real library, driven through its ports and watched. */
export function sharedBreaker(
  name: string,
  options: Partial<BreakerOptions> = {},
  tamper: Tamper = (write) => write,
): Policy {
  return {
    name,
    isWatched: true,
    start(ports, rules) {
      const watch = new Watch(ports, options.probes?.max ?? 1);
      const { id, clock } = ports.instance;
      const breaker = createBreaker({
        ...rules,
        ...options,
        name: 'downstream',
        store: watchedStore(ports, watch, tamper),
        instanceId: id,
        clock,
        random: ports.random,
        onTransition: (transition) => watch.transition(transition),
        onStoreChange: (change) => watch.storeChanged(change),
        onCall: ({ probe, outcome }) => {
          if (outcome === 'refused') watch.refused();
          if (probe && ports.instance.latestCall) ports.instance.latestCall.isProbe = true;
        },
      });
      const fallback = (error: unknown) =>
        error instanceof CircuitOpenError ? ('refused' as const) : ('failed' as const);
      return (call) =>
        breaker.execute(
          async () => {
            const answer = call();
            watch.called();
            await answer;
            return 'ok' as const;
          },
          { fallback },
        );
    },
  };
}

/**
 * An answer of the store within this time has certainly reached the library. Of a later one nobody
 * outside can say whether it still waited: its budgets are its own affair.
 */
const CERTAINLY_IN_TIME_MS = 55;

/** The store as one instance sees it. */
function watchedStore({ instance, item }: PolicyPorts, watch: Watch, tamper: Tamper): CircuitStore {
  const answered = async <T>(answer: Promise<T>, see: (seen: T) => void) => {
    const sentMs = instance.clock.now();
    try {
      const seen = await answer;
      const isCertain = instance.clock.now() - sentMs <= CERTAINLY_IN_TIME_MS;
      if (isCertain) see(seen);
      else watch.mayHaveLearnt();
      return seen;
    } catch (error) {
      watch.troubled(error);
      throw error;
    }
  };
  return {
    read(_name, { consistent }) {
      return answered(item.read(instance, { consistent }), (seen) => watch.shown(seen));
    },
    write(_name, write) {
      const answer = item.write(instance, async (memory, key) => {
        const before = memory.items.get(key);
        const result = memory.write(key, tamper(write));
        const after = memory.items.get(key);
        if (after !== before) watch.monitor.changed(before, after, write);
        return result;
      });
      return answered(answer, (result) => watch.answered(write, result));
    },
  };
}

/** What one instance knows, as seen from outside, and whether it acts on it. */
class Watch {
  readonly monitor: PolicyPorts['monitor'];
  readonly #instance: PolicyPorts['instance'];
  /** The latest it was shown or, while it cannot reach the store, decided alone. */
  #known: { readonly state: unknown; readonly generation: unknown } | undefined;
  readonly #maxProbes: number;
  #lastShown: Item | undefined;
  #isAlone = false;
  /** A late answer may have taught it something else than what is noted here. */
  #isUncertain = false;
  #wasThrottled = false;
  /** Calls made on its own word in one half-open generation of its own. */
  #trials = 0;
  /** A probe claimed in the store and not yet made. */
  #claim: Claim | undefined;

  constructor({ monitor, instance }: PolicyPorts, maxProbes: number) {
    this.#maxProbes = maxProbes;
    this.monitor = monitor;
    this.#instance = instance;
  }

  shown(item: Item | undefined): void {
    this.#note('saw', summary(item));
    this.#lastShown = item;
    this.#isUncertain = false;
    const isOlder = Number(item?.generation ?? 0) < Number(this.#known?.generation ?? 0);
    if (this.#isAlone || isOlder) return;
    this.#known = { state: item?.state, generation: item?.generation };
  }

  mayHaveLearnt(): void {
    this.#note('gets a late answer');
    this.#isUncertain = true;
  }

  answered(write: Write, { applied, item }: WriteResult): void {
    this.#note(`${applied ? 'did' : 'was refused'} ${write.operation}`);
    this.shown(item);
    const owner = write.set.probeOwner;
    if (owner !== undefined && item?.probeOwner === owner)
      this.#claim = { owner: String(owner), generation: Number(item.generation) };
  }

  transition(transition: Transition): void {
    const { scope, to, generation, from } = transition;
    this.#note(`tells ${from} to ${to} (${scope})`, generation);
    if (scope === 'fleet') this.monitor.tell(transition);
    else {
      this.#known = { state: to, generation };
      this.#trials = 0;
    }
  }

  storeChanged({ available }: StoreChange): void {
    this.#note(available ? 'reaches the store' : 'lost the store');
    this.#isAlone = !available;
    if (!available) return;
    const { state, generation } = this.#lastShown ?? {};
    this.#known = { state, generation };
  }

  /** The library may hold back for a while when even its reports are throttled. */
  troubled(error: unknown): void {
    this.#note(`gets no answer: ${error instanceof Error ? error.message : error}`);
    if (error instanceof StoreError && error.kind === 'throttled') this.#wasThrottled = true;
  }

  refused(): void {
    this.#note('refuses', this.#known?.state);
    const { state = 'CLOSED' } = this.#known ?? {};
    if (state === 'CLOSED' && !this.#wasThrottled && !this.#isUncertain)
      this.monitor.broken(`${this.#instance.id} refused though it knew the circuit to be CLOSED`);
  }

  /** The downstream was called just now. */
  called(): void {
    const { id, latestCall } = this.#instance;
    const { state } = this.#known ?? {};
    this.#note('calls', state);
    const isRefusal = state === 'OPEN' || (state === 'HALF_OPEN' && !this.#mayProbe());
    if (isRefusal && !this.#isUncertain)
      this.monitor.broken(`${id} called though it knew the circuit to be ${state}`);
    if (this.#claim) this.monitor.probeStarts(this.#claim, latestCall?.endsMs ?? 0);
    this.#claim = undefined;
  }

  #mayProbe(): boolean {
    return this.#isAlone ? ++this.#trials <= this.#maxProbes : this.#claim !== undefined;
  }

  #note(what: string, detail?: unknown): void {
    this.monitor.note(this.#instance.id, what, detail);
  }
}
