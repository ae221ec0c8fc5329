import { StoreError } from '../errors.ts';
import type { Settings } from '../options.ts';
import { applyWrite } from '../protocol/apply-write.ts';
import { type Circuit, isOlder } from '../protocol/circuit.ts';
import { encodeCircuit } from '../protocol/codec.ts';
import { isResultOf, isTransition, type Write } from '../protocol/conditional-write.ts';
import { hasLiveStreak } from '../protocol/settle.ts';
import { ageOf, maxAgeMs, observe, UNOBSERVED, type View } from '../protocol/view.ts';
import { Announcer } from './announcer.ts';
import { DecodedStore, type WriteAnswer } from './decoded-store.ts';
import { SharedRead } from './shared-read.ts';
import { StoreLink } from './store-link.ts';

/** What became of a write. */
export type Commit =
  /** `circuit` is what the write left behind. */
  | { readonly kind: 'applied'; readonly circuit: Circuit }
  /** The view now shows what refused it. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'throttled' }
  /** The store gave no answer: the replica is in local mode now. */
  | { readonly kind: 'unreachable' };

/** What this instance decides without the fleet. */
interface LocalMode {
  /** Names this time of local mode: what was decided in another is of no meaning in this. */
  readonly id: number;
  /** The generation of the fleet's circuit that local mode began with. */
  readonly fromGeneration: number;
  view: View;
}

/** What the replica knew when it asked the store. */
interface Question {
  readonly from: Circuit;
  readonly answersSoFar: number;
  /** An answer is as old as its question: the instance may be frozen before it arrives. */
  readonly atMs: number;
  /** Whether the answer came after its budget, when nobody waited for it any more. */
  readonly isLate: boolean;
}

/**
 * Counters are not sent again when their outcome is unknown: they would count twice. All other
 * writes may be, for their conditions refuse the second.
 */
const COUNTERS: ReadonlySet<string> = new Set(['openStreak', 'countFailure']);
/** An instance whose own circuit is not closed looks this often what the fleet makes of it. */
const LOCAL_MAX_AGE_MS = 1_000;
/** Under throttling views serve at least this long times the throttle factor. */
const THROTTLED_MAX_AGE_MS = 50;

/**
 * One instance's copy of the circuit, and the only way to change it.
 *
 * It holds what the fleet was last known to have decided and, in local mode, what this instance
 * decides alone: while the store is out of reach, or cannot be written. Local mode begins with the
 * fleet's circuit and makes the same writes by the same rules; what it has decided is dropped when
 * the store is back. No method rejects: a call must not fail because its store did.
 */
export class Replica {
  readonly #settings: Settings;
  readonly #store: DecodedStore;
  readonly #link: StoreLink;
  readonly #announcer: Announcer;
  #fleetView: View = UNOBSERVED;
  #local: LocalMode | undefined;
  #localModesSoFar = 0;
  /** How many answers of the store the fleet's view has taken in. */
  #answers = 0;
  readonly #sharedRead = new SharedRead(() => this.#read({ consistent: false, isPatient: false }));

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#store = new DecodedStore(settings);
    this.#announcer = new Announcer(settings);
    this.#link = new StoreLink(settings, (error) => this.#onStoreDown(error));
  }

  /** What admission is decided on: this instance's own circuit in local mode, else the fleet's. */
  get view(): View {
    return this.#local?.view ?? this.#fleetView;
  }

  /** The fleet's circuit as it was last known. */
  get fleetCircuit(): Circuit {
    return this.#fleetView.circuit;
  }

  /** Names the time of local mode that is going on; undefined while there is none. */
  get localId(): number | undefined {
    return this.#local?.id;
  }

  get isStoreDown(): boolean {
    return this.#link.isDown;
  }

  /** Why the store is out of reach; undefined while it is not. */
  get outageError(): StoreError | undefined {
    return this.#link.outageError;
  }

  /** How old the view may be when a call begins. */
  maxAgeMs(): number {
    const { clock, viewTtlMs } = this.#settings;
    const { throttleFactor } = this.#link;
    const leastMs = throttleFactor > 1 ? THROTTLED_MAX_AGE_MS : 0;
    const closedMaxAgeMs = Math.max(viewTtlMs, leastMs) * throttleFactor;
    const ageMs = maxAgeMs(this.view, clock.now(), closedMaxAgeMs);
    return this.#local ? Math.min(ageMs, Math.max(closedMaxAgeMs, LOCAL_MAX_AGE_MS)) : ageMs;
  }

  /** Reads the item if the fleet's view is that old and the store may be contacted. */
  async refreshIfOlderThan(ageMs: number): Promise<void> {
    const nowMs = this.#settings.clock.now();
    if (ageOf(this.#fleetView, nowMs) < ageMs) return;
    if (this.#link.mayTry(nowMs) || this.#sharedRead.isUnderWay) await this.#sharedRead.join(nowMs);
  }

  /** Whether a failure can be reported to the fleet. In an outage this may take a read. */
  async canReport(): Promise<boolean> {
    const nowMs = this.#settings.clock.now();
    if (this.#link.isDown && this.#link.mayReport(nowMs)) await this.#sharedRead.join(nowMs);
    return !this.#link.isDown;
  }

  /**
   * Reads the latest item, with patience: people wait for it. Answers why that was not possible, if
   * so; the view then is what this instance knows.
   */
  readLatest(): Promise<StoreError | undefined> {
    return this.#read({ consistent: true, isPatient: true });
  }

  /** Makes the write on the fleet's circuit, and takes what it leads to into the view. */
  async commit(write: Write): Promise<Commit> {
    const asked = this.#question();
    const made = { write, from: asked.from };
    try {
      const answer = await this.#link.write({
        mayRepeat: !COUNTERS.has(write.operation),
        send: (isRepeat) => this.#store.write(write, isRepeat),
        onFailure: () => this.#announcer.unconfirmed(made),
        onLate: (late) => void this.#takeWritten(write, late, { ...asked, isLate: true }),
      });
      const commit = this.#takeWritten(write, answer, asked);
      this.#announceIfAvailable();
      return commit;
    } catch (error) {
      return { kind: isThrottled(error) ? 'throttled' : 'unreachable' };
    }
  }

  /** Makes the write on this instance's own circuit. Begins local mode if need be. */
  commitLocally(write: Write): Commit {
    const local = this.#local ?? this.#beginLocalMode();
    const from = local.view.circuit;
    const { applied, item } = applyWrite(encodeCircuit(from), write);
    if (!applied) return { kind: 'refused' };
    // The codec has nothing to check here: a write leaves a circuit of a circuit.
    const circuit = item as unknown as Circuit;
    const error = this.#link.latestError;
    if (error && isTransition(write)) this.#announcer.storeUnavailable(error);
    this.#announcer.applied({ write, from }, circuit, 'instance');
    local.view = this.#observed(local.view, circuit, this.#settings.clock.now());
    if (!this.#link.isDown && this.#areBothUntroubled()) this.#local = undefined;
    this.#announceIfAvailable();
    return { kind: 'applied', circuit };
  }

  async #read(options: {
    readonly consistent: boolean;
    readonly isPatient: boolean;
  }): Promise<StoreError | undefined> {
    const { consistent, isPatient } = options;
    const asked = this.#question();
    try {
      const circuit = await this.#link.read({
        isPatient,
        send: () => this.#store.read(consistent),
        onLate: (late) => this.#take(late, { ...asked, isLate: true }, 'read'),
      });
      if (isOlder(circuit, this.fleetCircuit) && !consistent)
        return this.#read({ consistent: true, isPatient: false });
      this.#take(circuit, asked, 'read');
      this.#announceIfAvailable();
      return undefined;
    } catch (error) {
      // What is known has to serve for longer.
      if (isThrottled(error)) this.#fleetView = { ...this.#fleetView, observedAtMs: asked.atMs };
      return error as StoreError;
    }
  }

  #question(): Question {
    return {
      from: this.fleetCircuit,
      answersSoFar: this.#answers,
      atMs: this.#settings.clock.now(),
      isLate: false,
    };
  }

  #takeWritten(write: Write, answer: WriteAnswer, asked: Question): Commit {
    const { applied, circuit, isRepeat } = answer;
    // A repeated write may be refused by what its first attempt has done.
    const isOurs = applied || (isRepeat && isResultOf(write, circuit));
    if (isOurs) this.#announcer.applied({ write, from: asked.from }, circuit, 'fleet');
    this.#take(circuit, asked, 'write');
    return isOurs ? { kind: 'applied', circuit } : { kind: 'refused' };
  }

  /**
   * Takes an answer of the store into the fleet's view. The latest item is believed even where it
   * is older than the view was when it was asked for, for then it was deleted or reset; unless
   * another answer has changed the view meanwhile. A late answer is believed only if it is newer.
   */
  #take(circuit: Circuit, asked: Question, kind: 'read' | 'write'): void {
    const isOnlyAnswer = this.#answers === asked.answersSoFar;
    const isNews = isOnlyAnswer || isOlder(this.fleetCircuit, circuit);
    if (asked.isLate && !isNews) return;
    if (isOnlyAnswer && isOlder(circuit, asked.from)) this.#fleetView = UNOBSERVED;
    this.#answers++;
    this.#fleetView = this.#observed(this.#fleetView, circuit, asked.atMs);
    this.#announcer.observed(circuit);
    if (!this.#local) return;
    if (this.#link.isDown) this.#followLocally(this.#local);
    else if (this.#canFleetProtect(kind)) this.#local = undefined;
    else this.#local.view = this.#observed(this.#local.view, this.view.circuit, asked.atMs);
  }

  /** A late answer does not end local mode, but that begins anew if the fleet has moved on. */
  #followLocally(local: LocalMode): void {
    if (local.fromGeneration === this.fleetCircuit.generation) return;
    this.#waitLocally(this.#beginLocalMode());
  }

  /**
   * Whether the fleet can protect this instance again. A write that was answered in time shows that
   * it can be told, and a read does so while no write has failed. Where writes fail, this
   * instance's own circuit has to stand in as long as it knows something that the fleet was not
   * told: until the fleet has moved on by itself, or the downstream has recovered.
   */
  #canFleetProtect(kind: 'read' | 'write'): boolean {
    if (kind === 'write' || !this.#link.areWritesFailing) return true;
    if (this.fleetCircuit.generation !== this.#local?.fromGeneration) return true;
    return this.#areBothUntroubled();
  }

  /** Whether neither the fleet's circuit nor this instance's own has anything to say. */
  #areBothUntroubled(): boolean {
    const nowMs = this.#settings.clock.now();
    return [this.fleetCircuit, this.view.circuit].every(
      (circuit) =>
        circuit.state === 'CLOSED' && !hasLiveStreak(circuit, nowMs, this.#settings.streakWindowMs),
    );
  }

  #announceIfAvailable(): void {
    if (!this.#local) this.#announcer.storeAvailable();
  }

  #onStoreDown(error: StoreError): void {
    if (!this.#local) this.#waitLocally(this.#beginLocalMode());
    this.#announcer.storeUnavailable(error);
  }

  #beginLocalMode(): LocalMode {
    const local: LocalMode = {
      id: ++this.#localModesSoFar,
      fromGeneration: this.fleetCircuit.generation,
      view: this.#fleetView,
    };
    this.#local = local;
    return local;
  }

  /**
   * One late answer is no reason for every instance to make a trial: without the store an open
   * circuit waits for a whole period more.
   */
  #waitLocally(local: LocalMode): void {
    const { clock, openMs } = this.#settings;
    const waitUntilMs = Math.max(local.view.waitUntilMs, clock.now() + openMs);
    local.view = { ...local.view, waitUntilMs };
  }

  #observed(view: View, circuit: Circuit, nowMs: number): View {
    const { random, maxOpenMs } = this.#settings;
    return observe(view, circuit, { nowMs, random: random(), maxOpenMs });
  }
}

function isThrottled(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'throttled';
}
