import { StoreError } from '../errors.ts';
import type { Settings } from '../options.ts';
import { applyWrite } from '../protocol/apply-write.ts';
import { type Circuit, type Item, isOlder } from '../protocol/circuit.ts';
import { decodeItem, encodeCircuit } from '../protocol/codec.ts';
import { isResultOf, type Write } from '../protocol/conditional-write.ts';
import { ageOf, maxAgeMs, observe, UNOBSERVED, type View } from '../protocol/view.ts';
import { Announcer } from './announcer.ts';
import { StoreLink } from './store-link.ts';

/** What became of a write. */
export type Commit =
  /** `circuit` is what the write left behind. */
  | { readonly kind: 'applied'; readonly circuit: Circuit }
  /** The view now shows what refused it. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'throttled' };

/**
 * Counters are not sent again when their outcome is unknown: they would count
 * twice. All other writes may be, for their conditions refuse the second.
 */
const COUNTERS: ReadonlySet<string> = new Set(['openStreak', 'countFailure']);

/**
 * One instance's copy of the circuit, and the only way to change it: through
 * the store, or in the copy alone (local mode) while the store is out of reach.
 *
 * Local mode obeys the same rules and makes the same writes. What it decided is
 * dropped when the store is back. None of the methods rejects: a call must not
 * fail because its store did.
 */
export class Replica {
  readonly #settings: Settings;
  readonly #link: StoreLink;
  readonly #announcer: Announcer;
  #view: View = UNOBSERVED;
  /** How many answers of the store the view has taken in. */
  #answers = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#announcer = new Announcer(settings);
    this.#link = new StoreLink(settings, {
      onDown: () => this.#enterLocalMode(),
      onUp: () => this.#leaveLocalMode(),
    });
  }

  get view(): View {
    return this.#view;
  }

  /** Names the outage during which the replica is in local mode. */
  get outageId(): number | undefined {
    return this.#link.outageId;
  }

  /** Why the replica is in local mode; undefined while it is not. */
  get storeError(): StoreError | undefined {
    return this.#link.error;
  }

  /** How old the view may be when a call begins. */
  maxAgeMs(): number {
    const { clock, viewTtlMs } = this.#settings;
    const closedMaxAgeMs = viewTtlMs * this.#link.throttleFactor;
    return maxAgeMs(this.#view, clock.now(), closedMaxAgeMs);
  }

  /** Reads the item if the view is that old and the store may be contacted. */
  async refreshIfOlderThan(ageMs: number): Promise<void> {
    const nowMs = this.#settings.clock.now();
    if (ageOf(this.#view, nowMs) < ageMs) return;
    if (this.#link.mayTry(nowMs)) await this.#read({ consistent: false });
  }

  /**
   * Reads the latest item, with patience: people wait for it. Answers why that
   * was not possible, if so; the view then is what this instance knows.
   */
  readLatest(): Promise<StoreError | undefined> {
    return this.#read({ consistent: true, isPatient: true });
  }

  /** Makes the write, and takes what it leads to into the view. */
  async commit(write: Write): Promise<Commit> {
    if (this.#link.isDown) return this.#commitLocally(write);
    const made = { write, from: this.#view.circuit };
    const since = this.#answers;
    let isRepeat = false;
    try {
      const { applied, circuit } = await this.#link.write({
        mayRepeat: !COUNTERS.has(write.operation),
        send: (isSecond) => {
          isRepeat = isSecond;
          return this.#sendWrite(write);
        },
        onFailure: () => this.#announcer.unconfirmed(made),
      });
      // A repeated write may be refused by what its first attempt has done.
      const isOurs = applied || (isRepeat && isResultOf(write, circuit));
      if (isOurs) this.#announcer.applied(made, circuit, 'fleet');
      this.#take(circuit, { from: made.from, since });
      return isOurs ? { kind: 'applied', circuit } : { kind: 'refused' };
    } catch (caught) {
      if (isThrottled(caught)) return { kind: 'throttled' };
      return this.#commitLocally(write);
    }
  }

  #commitLocally(write: Write): Commit {
    // The outage may have ended just now: then the caller decides anew.
    if (!this.#link.isDown) return { kind: 'refused' };
    const from = this.#view.circuit;
    const { applied, item } = applyWrite(encodeCircuit(from), write);
    const decoded = decodeItem(item);
    // A number that was edited manually and cannot grow is refused here, too.
    if (!applied || !('circuit' in decoded)) return { kind: 'refused' };
    const { circuit } = decoded;
    this.#announcer.applied({ write, from }, circuit, 'instance');
    this.#observe(circuit, this.#settings.clock.now());
    return { kind: 'applied', circuit };
  }

  async #read(options: {
    consistent: boolean;
    isPatient?: boolean;
  }): Promise<StoreError | undefined> {
    const { consistent, isPatient = false } = options;
    const asked = { from: this.#view.circuit, since: this.#answers };
    // An item read is as old as the question: the instance may be frozen
    // before the answer arrives.
    const askedAtMs = this.#settings.clock.now();
    try {
      const send = () => this.#sendRead(consistent);
      const circuit = await this.#link.read(send, isPatient);
      const isBehind = isOlder(circuit, this.#view.circuit);
      if (isBehind && !consistent) return this.#read({ consistent: true });
      this.#take(circuit, asked, askedAtMs);
      return undefined;
    } catch (error) {
      if (isThrottled(error))
        // What is known has to serve for longer.
        this.#view = { ...this.#view, observedAtMs: askedAtMs };
      return error as StoreError;
    }
  }

  async #sendRead(consistent: boolean): Promise<Circuit> {
    const { store, name } = this.#settings;
    return decodeOrThrow(await store.read(name, { consistent }));
  }

  async #sendWrite(write: Write) {
    const { store, name } = this.#settings;
    const { applied, item } = await store.write(name, write);
    return { applied, circuit: decodeOrThrow(item) };
  }

  /**
   * Takes an answer of the store into the view. The latest item is believed
   * even where it is older than the view was when it was asked for, for then it
   * was deleted or reset; unless another answer has changed the view meanwhile.
   */
  #take(
    circuit: Circuit,
    asked: { readonly from: Circuit; readonly since: number },
    atMs = this.#settings.clock.now(),
  ): void {
    const isOnlyAnswer = this.#answers === asked.since;
    if (isOnlyAnswer && isOlder(circuit, asked.from)) this.#view = UNOBSERVED;
    this.#answers++;
    this.#observe(circuit, atMs);
    if (!this.#link.isDown) this.#announcer.observed(circuit);
  }

  #observe(circuit: Circuit, atMs: number): void {
    const { random } = this.#settings;
    this.#view = observe(this.#view, circuit, atMs, random());
  }

  /**
   * One late read is no reason for every instance to make a trial: in local
   * mode an open circuit waits for a whole period more.
   */
  #enterLocalMode(): void {
    const { clock, openMs } = this.#settings;
    const earliestMs = clock.now() + openMs;
    const waitUntilMs = Math.max(this.#view.waitUntilMs, earliestMs);
    this.#view = { ...this.#view, waitUntilMs };
  }

  /** What was decided in local mode is dropped. */
  #leaveLocalMode(): void {
    this.#view = UNOBSERVED;
  }
}

function decodeOrThrow(item: Item | undefined): Circuit {
  const decoded = decodeItem(item);
  if ('circuit' in decoded) return decoded.circuit;
  throw new StoreError('malformed', decoded.problem);
}

function isThrottled(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'throttled';
}
