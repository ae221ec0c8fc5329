import { isThrottled, type StoreError } from '../errors.ts';
import type { Settings } from '../options.ts';
import { type Circuit, isOlder } from '../protocol/circuit.ts';
import { isResultOf, isTransition, type Write } from '../protocol/conditional-write.ts';
import { mayRepeat } from '../protocol/streak-writes.ts';
import { maxAgeMs, type Observation, observe, UNOBSERVED, type View } from '../protocol/view.ts';
import { Announcer } from './announcer.ts';
import type { WriteAnswer } from './decoded-store.ts';
import { LocalMode, type StoreEvidence } from './local-mode.ts';
import { MirroredStore, type ReadKind } from './mirrored-store.ts';
import { ReadPace } from './read-pace.ts';
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

/** What was asked of the store, and what the replica knew then. */
interface Question {
  readonly from: Circuit;
  readonly answersSoFar: number;
  /** An answer is as old as its question: the instance may be frozen before it arrives. */
  readonly atMs: number;
  /** Whether it was answered after its budget, when nobody waited for that any more. */
  readonly isLate: boolean;
}

/** An instance whose own circuit is not closed checks the fleet's circuit this often. */
const LOCAL_MAX_AGE_MS = 1_000;

/**
 * One instance's copy of the circuit, and the only way to change it.
 *
 * It holds what the fleet was last known to have decided and, in local mode, what this instance
 * decides by itself: while the store is out of reach, or cannot be written. Local mode begins with the
 * fleet's circuit and makes the same writes by the same rules; what it has decided is dropped when
 * the store is back. No method rejects: a call must not fail because its store did.
 */
export class Replica {
  readonly #settings: Settings;
  readonly #store: MirroredStore;
  readonly #link: StoreLink;
  readonly #announcer: Announcer;
  #fleetView: View = UNOBSERVED;
  #local: LocalMode | undefined;
  #localModesSoFar = 0;
  /** How many answers of the store the fleet's view has taken in. */
  #answers = 0;
  readonly #pace: ReadPace;
  readonly #sharedRead = new SharedRead(() => this.#read('any'));
  readonly #itemRead: SharedRead;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#store = new MirroredStore(settings);
    const hasMirrors = settings.mirrors > 0;
    this.#itemRead = hasMirrors ? new SharedRead(() => this.#read('item')) : this.#sharedRead;
    this.#announcer = new Announcer(settings);
    this.#link = new StoreLink(settings, (error) => this.#onStoreDown(error));
    this.#pace = new ReadPace(settings, this.#link);
  }

  /** What admission is decided on: this instance's own circuit in local mode, else the fleet's. */
  get view(): View {
    return this.#local?.view ?? this.#fleetView;
  }

  /** The fleet's circuit as it was last known, and this instance's wait for it. */
  get fleetView(): View {
    return this.#fleetView;
  }

  /** The fleet's circuit as it was last known. */
  get fleetCircuit(): Circuit {
    return this.#fleetView.circuit;
  }

  /** Names the time of local mode that is going on; undefined while there is none. */
  get localId(): number | undefined {
    return this.#local?.id;
  }

  /** One in so many calls reports. */
  get reportsOneIn(): number {
    return this.#store.reportsOneIn;
  }

  get isStoreDown(): boolean {
    return this.#link.isDown;
  }

  /** Why the store is out of reach; undefined while it is not. */
  get outageError(): StoreError | undefined {
    return this.#link.outageError;
  }

  /** How long the view of a closed circuit serves: as configured, or longer under throttling. */
  get closedMaxAgeMs(): number {
    return this.#pace.closedMaxAgeMs;
  }

  /** Whether a call may begin on the view as it is. */
  isFresh(nowMs: number): boolean {
    return this.#pace.ageMs(this.#fleetView, nowMs) < this.maxAgeMs(nowMs);
  }

  /** How old the view may be when a call begins. */
  maxAgeMs(nowMs = this.#settings.clock.now()): number {
    const { closedMaxAgeMs } = this;
    const ageMs = maxAgeMs(this.view, nowMs, closedMaxAgeMs);
    return this.#local ? Math.min(ageMs, Math.max(closedMaxAgeMs, LOCAL_MAX_AGE_MS)) : ageMs;
  }

  /** Reads the item if the fleet's view is that old and the store may be contacted. */
  refreshIfOlderThan(ageMs: number): Promise<void> {
    const nowMs = this.#settings.clock.now();
    if (this.#pace.ageMs(this.#fleetView, nowMs) < ageMs) return Promise.resolve();
    return this.#sharedRead.join(nowMs, this.#link.mayTry(nowMs));
  }

  /** The same by the item itself, because its copies show no streak. */
  async refreshByItemIfOlderThan(ageMs: number): Promise<void> {
    const nowMs = this.#settings.clock.now();
    const isFresh = this.#pace.ageMs(this.#fleetView, nowMs) < ageMs && !this.#store.wasCopyLatest;
    if (!isFresh) await this.#itemRead.join(nowMs, this.#link.mayTry(nowMs));
  }

  /** Whether a failure can be reported to the fleet. In an outage this may take a read. */
  async canReport(): Promise<boolean> {
    const nowMs = this.#settings.clock.now();
    if (this.#link.isDown && this.#link.mayReport(nowMs)) await this.#sharedRead.join(nowMs, true);
    return !this.#link.isDown;
  }

  /**
   * Reads the latest item, with patience: people wait for it. Answers why that was not possible, if
   * so; the view then is what this instance knows.
   */
  readLatest(): Promise<StoreError | undefined> {
    return this.#read('latest', true);
  }

  /** Makes the write on the fleet's circuit, and takes what it leads to into the view. */
  async commit(write: Write): Promise<Commit> {
    const asked = this.#question();
    const made = { write, from: asked.from };
    let isSentAgain = false;
    try {
      const answer = await this.#link.write({
        mayRepeat: mayRepeat(write),
        send: async (isRepeat) => {
          isSentAgain ||= isRepeat;
          const answer = await this.#store.write(write, isRepeat);
          // An attempt that its own repeat has overtaken is refused by what that has done.
          return { ...answer, isRepeat: isSentAgain };
        },
        onFailure: () => this.#announcer.unconfirmed(made),
        onLate: (late) => void this.#takeWritten(write, late, { ...asked, isLate: true }),
      });
      const commit = await this.#takeWritten(write, answer, asked);
      // Another attempt may be under way, and find an item that lets it through.
      if (isSentAgain && commit.kind === 'refused') this.#announcer.unconfirmed(made);
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
    const circuit = local.commit(write, this.#observation());
    if (circuit === undefined) return { kind: 'refused' };
    const error = this.#link.latestError;
    if (error && isTransition(write)) this.#announcer.storeUnavailable(error);
    this.#announcer.applied({ write, from }, circuit, 'instance');
    if (!this.#link.isDown && local.isOver(this.#evidence(false))) this.#local = undefined;
    this.#announceIfAvailable();
    return { kind: 'applied', circuit };
  }

  async #read(what: ReadKind, isPatient = false): Promise<StoreError | undefined> {
    const asked = this.#question();
    const store = this.#store;
    try {
      const circuit = await this.#link.read({
        isPatient,
        send: () => store.read(what, () => this.fleetCircuit),
        onLate: (late) => late && this.#take(late, { ...asked, isLate: true }, 'read'),
      });
      const isDoubtful = circuit === undefined || isOlder(circuit, this.fleetCircuit);
      if (isDoubtful && what !== 'latest') return this.#read('latest');
      if (circuit) this.#take(circuit, asked, 'read');
      this.#announceIfAvailable();
      return undefined;
    } catch (error) {
      this.#pace.failed(error, asked.atMs);
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

  async #takeWritten(write: Write, answer: WriteAnswer, asked: Question): Promise<Commit> {
    const { applied, circuit, isRepeat } = answer;
    // A repeated write may be refused by what its first attempt has done.
    const isOurs = applied || (isRepeat && isResultOf(write, circuit));
    if (isOurs) this.#announcer.applied({ write, from: asked.from }, circuit, 'fleet');
    this.#take(circuit, asked, 'write');
    if (!isOurs) return { kind: 'refused' };
    if (isTransition(write)) await this.#store.spread(circuit);
    return { kind: 'applied', circuit };
  }

  /**
   * Takes an answer of the store into the fleet's view. The latest item is believed even where it
   * is older than the view was when it was asked for, for then it was deleted or reset; unless
   * another answer has changed the view meanwhile. A late answer is believed only if it is newer.
   */
  #take(circuit: Circuit, asked: Question, kind: 'read' | 'write'): void {
    if (asked.isLate && !isOlder(this.fleetCircuit, circuit)) return;
    const isOnlyAnswer = this.#answers === asked.answersSoFar;
    if (isOnlyAnswer && isOlder(circuit, asked.from)) this.#fleetView = UNOBSERVED;
    this.#answers++;
    const at = { ...this.#observation(), askedAtMs: asked.atMs };
    this.#fleetView = observe(this.#fleetView, circuit, at);
    this.#announcer.observed(circuit);
    this.#reviewLocalMode(kind === 'write');
  }

  /** Ends local mode, or goes on with it, by what the store has just answered. */
  #reviewLocalMode(isWriteAnswered: boolean): void {
    const local = this.#local;
    if (local === undefined) return;
    // A late answer does not end an outage, but the fleet may have moved on.
    if (this.#link.isDown) this.#followLocally(local);
    else if (local.isOver(this.#evidence(isWriteAnswered))) this.#local = undefined;
    else local.reconsider(this.#observation());
  }

  /** Local mode begins anew from the fleet's new circuit, if that has moved on during the outage. */
  #followLocally(local: LocalMode): void {
    if (!local.hasFleetMovedOn(this.fleetCircuit)) return;
    this.#waitLocally(this.#beginLocalMode());
  }

  #evidence(isWriteAnswered: boolean): StoreEvidence {
    const { clock, streakWindowMs } = this.#settings;
    return {
      fleetCircuit: this.fleetCircuit,
      canWrite: isWriteAnswered || !this.#link.areWritesFailing,
      nowMs: clock.now(),
      streakWindowMs,
    };
  }

  /** A store that answers is not enough: nothing may be decided without the fleet any more. */
  #announceIfAvailable(): void {
    if (!this.#local) this.#announcer.storeAvailable();
  }

  #onStoreDown(error: StoreError): void {
    if (!this.#local) this.#waitLocally(this.#beginLocalMode());
    this.#announcer.storeUnavailable(error);
  }

  #beginLocalMode(): LocalMode {
    const local = new LocalMode(++this.#localModesSoFar, this.#fleetView);
    this.#local = local;
    return local;
  }

  #waitLocally(local: LocalMode): void {
    const { clock, openMs } = this.#settings;
    local.waitUntilAtLeast(clock.now() + openMs);
  }

  #observation(): Observation {
    const { clock, random, maxOpenMs, rampMs } = this.#settings;
    return { nowMs: clock.now(), random: random(), maxOpenMs, rampMs };
  }
}
