import {
  type CallOutcome,
  type Item,
  StoreError,
  type Transition,
  type Write,
} from 'fleet-breaker';
import type { Instance } from './instance.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Promises {
  readonly time: VirtualTime;
  readonly failureThreshold: number;
  /** At 1 one success forgives all failures. */
  readonly failureRate: number;
  /** The first open period. */
  readonly openMs: number;
  readonly streakWindowMs: number;
  /** For how long a circuit that has recovered may refuse some calls. */
  readonly rampMs: number;
  readonly maxProbes: number;
}

/** One `execute`. */
export interface WatchedCall {
  readonly instance: Instance;
  /** When it reached the downstream; undefined while it has not. */
  startedAtMs: number | undefined;
  /** The store's generation when it was let through. */
  generation: number;
  isLocal: boolean;
}

/** What the store has answered to one contact. */
export interface StoreAnswer {
  readonly item: Item | undefined;
  readonly tookMs: number;
  /** Undefined for a read. */
  readonly write?: Write;
  readonly applied?: boolean;
  /** Whether a copy of the item was read, which shows nothing of what goes on in a generation. */
  readonly isCopy?: boolean;
}

/**
 * An answer of the store within this time has certainly reached the library. Of a later one nobody
 * outside can say whether it still waited: its budgets are its own affair.
 */
const CERTAINLY_IN_TIME_MS = 50;
/** What changes within a generation only by hand, and is obeyed in local mode, too. */
const OBEYED_EDITS = ['state', 'override', 'overrideUntilMs'] as const;
/** A circuit that was never written is closed. */
const NO_ITEM: Item = { state: 'CLOSED' };

/** What one instance knows of its circuit, as far as anybody can tell from outside. */
export class Witness {
  readonly #instance: Instance;
  readonly #promises: Promises;
  readonly #calls = new Set<WatchedCall>();
  #shown: Item | undefined;
  /** What it decided in local mode, once it did. */
  #local: Transition | undefined;
  #isLocal = false;
  #isUncertain = false;
  /** The latest generation that came late: the library may know it, and believe no earlier one. */
  #lateGeneration = 0;
  /** By the latest answer, in time or late: no failure counts then. */
  #isForcedClosed = false;
  #wasThrottled = false;
  /** When it came to know of the latest recovery, of the fleet or its own. */
  #recovery = { key: '', knownAtMs: -Infinity };
  /** Calls in local mode in one half-open generation of its own. */
  #trials = 0;
  /** A claim that was granted, and whose call has not yet begun. */
  #claim: Write | undefined;
  /** Failures in one outage, less what successes have forgiven, and when the first was made. */
  #failures = { outage: 0, count: 0, sinceMs: 0 };
  #outages = 0;

  constructor(instance: Instance, promises: Promises) {
    this.#instance = instance;
    this.#promises = promises;
  }

  get isLocal(): boolean {
    return this.#isLocal;
  }

  /** Undefined: there is no item. */
  get known(): Item | Transition | undefined {
    return this.#local ?? this.#shown;
  }

  /** What it has certainly been shown last; undefined where it may have been shown something else. */
  get seen(): { readonly item: Item | undefined } | undefined {
    return this.#isUncertain ? undefined : { item: this.#shown };
  }

  get knownGeneration(): number {
    return Number(this.#shown?.generation ?? 0);
  }

  /** It may know a later one, from an answer that came late. */
  get leastGeneration(): number {
    return this.#isUncertain ? Infinity : this.knownGeneration;
  }

  get knownState(): unknown {
    return this.#local?.to ?? this.#shown?.state ?? 'CLOSED';
  }

  /** The call under way, if it is the only one: of several nobody can say whose a write is. */
  get onlyCall(): WatchedCall | undefined {
    const [call, second] = this.#calls;
    return second ? undefined : call;
  }

  begins(): WatchedCall {
    const call: WatchedCall = {
      instance: this.#instance,
      startedAtMs: undefined,
      generation: 0,
      isLocal: false,
    };
    this.#calls.add(call);
    return call;
  }

  ends(call: WatchedCall): void {
    this.#calls.delete(call);
    if (this.#calls.size === 0) this.#claim = undefined;
  }

  /** Whether the answer has certainly reached the library. */
  isCertain({ item, tookMs }: StoreAnswer): boolean {
    this.#isForcedClosed = item?.override === 'FORCED_CLOSED';
    const generation = Number(item?.generation ?? 0);
    const isLate = tookMs > CERTAINLY_IN_TIME_MS;
    // A late answer must not be believed where the instance knows better.
    if (isLate && generation < this.knownGeneration) return false;
    if (isLate) this.#lateGeneration = Math.max(this.#lateGeneration, generation);
    this.#isUncertain = isLate || generation < this.#lateGeneration;
    return !this.#isUncertain;
  }

  shown({ item, write, isCopy = false }: StoreAnswer): void {
    const owner = write?.set.probeOwner;
    if (owner !== undefined && item?.probeOwner === owner) this.#claim = write;
    const generation = Number(item?.generation ?? 0);
    if (generation < this.knownGeneration) return;
    // Within a generation copies show no streak, and a late replica shows an earlier one.
    const isEarlier = Number(item?.streakId ?? 0) < Number(this.#shown?.streakId ?? 0);
    if (generation === this.knownGeneration && this.#shown && (isCopy || isEarlier)) return;
    // Once the fleet has moved on, what was decided in local mode before counts no more.
    const isNews = generation > this.knownGeneration || isEdited(this.#shown, item);
    if (isNews) this.#local = undefined;
    this.#shown = item;
    if (item?.closedAtMs !== undefined) this.#recovered(`${item.generation}`);
  }

  troubled(error: unknown): void {
    this.#wasThrottled ||= error instanceof StoreError && error.kind === 'throttled';
  }

  storeChanged(isAvailable: boolean): void {
    this.#isLocal = !isAvailable;
    this.#local = undefined;
    this.#outages++;
  }

  changedLocally(transition: Transition): void {
    this.#local = transition;
    this.#trials = 0;
    if (transition.to === 'CLOSED') this.#recovered(`own ${transition.generation}`);
  }

  takeClaim(): Write | undefined {
    const claim = this.#claim;
    this.#claim = undefined;
    return claim;
  }

  /** Whether it may make a call that is no probe of the fleet's. */
  mayCall(): boolean {
    if (this.#isUncertain) return true;
    if (!isRefusing(this.known, this.#ownTimeMs)) return true;
    const isTrial = this.#isLocal && this.knownState === 'HALF_OPEN';
    return isTrial && ++this.#trials <= this.#promises.maxProbes;
  }

  /** The library may hold back for a while when even its reports are throttled. */
  mayRefuse(): boolean {
    if (this.#isUncertain || this.#wasThrottled) return true;
    if (isRefusing(this.known, this.#ownTimeMs)) return true;
    return this.#promises.time.elapsedMs - this.#recovery.knownAtMs < this.#promises.rampMs;
  }

  /** Counts the failures of local mode, and tells if there are too many. */
  countsLocally({ isLocal, startedAtMs }: WatchedCall, outcome: CallOutcome): string | undefined {
    if (outcome === 'success') this.#forgive();
    // A trial that says nothing of the downstream's health is given back.
    if (outcome === 'ignored' && isLocal) this.#trials--;
    if (!isLocal || startedAtMs === undefined || outcome !== 'failure') return undefined;
    if (this.#isForcedClosed) return undefined;
    const { failureThreshold, openMs, streakWindowMs } = this.#promises;
    if (this.#failures.outage !== this.#outages || this.#failures.count === 0)
      this.#failures = { outage: this.#outages, count: 0, sinceMs: startedAtMs };
    const failures = ++this.#failures.count;
    const elapsedMs = startedAtMs - this.#failures.sinceMs;
    const trials = 1 + Math.floor(elapsedMs / (0.9 * openMs));
    const counted = failureThreshold * (1 + Math.floor(elapsedMs / streakWindowMs));
    if (failures <= counted + trials) return undefined;
    return `failed ${failures} times in local mode in ${elapsedMs} ms`;
  }

  #recovered(key: string): void {
    if (this.#recovery.key === key) return;
    this.#recovery = { key, knownAtMs: this.#promises.time.elapsedMs };
  }

  #forgive(): void {
    const { failureRate } = this.#promises;
    const forgiven = failureRate / (1 - failureRate);
    this.#failures.count = Math.max(0, this.#failures.count - forgiven);
  }

  get #ownTimeMs(): number {
    return this.#promises.time.nowMs + this.#instance.skewMs;
  }
}

/** Whether somebody has edited the circuit by hand, if both items are of one generation. */
function isEdited(before: Item | undefined, after: Item | undefined): boolean {
  const [from, to] = [before ?? NO_ITEM, after ?? NO_ITEM];
  return OBEYED_EDITS.some((name) => from[name] !== to[name]);
}

/** Whether the circuit refuses all but probes. */
export function isRefusing(circuit: Item | Transition | undefined, nowMs: number): boolean {
  if (!circuit) return false;
  const { override, overrideUntilMs } = circuit as Item;
  const isInForce = override !== undefined && !(Number(overrideUntilMs) <= nowMs);
  if (isInForce) return override === 'FORCED_OPEN';
  const state = 'to' in circuit ? circuit.to : circuit.state;
  return state === 'OPEN' || state === 'HALF_OPEN';
}
