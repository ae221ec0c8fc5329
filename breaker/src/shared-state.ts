import { StoreError } from './errors.ts';
import type { Settings } from './options.ts';
import type { Transition } from './ports.ts';
import { type Circuit, isOlder } from './state.ts';
import { decode } from './stores/item-codec.ts';
import { applyWrite } from './stores/memory-store.ts';
import { ageOf, NOTHING_SEEN, see, servesMs, type View } from './view.ts';
import type { Write } from './writes.ts';

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 30_000;
const MAX_TTL_FACTOR = 16;
/** Not repeated when their outcome is unknown: they must not count twice. */
const COUNTERS = ['openStreak', 'countFailure'];

/** The store is out of reach; meanwhile the same writes are applied to the view alone. */
export type Outage = { retryAtMs: number; error: StoreError };

/**
 * This instance's view and its contact with the store, for whose sake nothing rejects: a failed one
 * begins an outage, which ends, with all that was decided alone, with the first read that succeeds.
 */
export class SharedState {
  view: View = NOTHING_SEEN;
  outage: Outage | undefined;
  readonly #settings: Settings;
  #failedContacts = 0;
  /** Reads that succeed do not prove that writes would: the backoff then outlives the outage. */
  #isWriteTrouble = false;
  #ttlFactor = 1;
  /** The latest transition whose write failed: told if the item turns out to carry it. */
  #unsure: { readonly write: Write; readonly from: Circuit } | undefined;
  /** Two calls of one instance may both find that a transition is this instance's. */
  #lastTold = '';

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** How old the view may be when a call begins. */
  servesMs(): number {
    const { clock, viewTtlMs } = this.#settings;
    return servesMs(this.view, clock.now(), viewTtlMs * this.#ttlFactor);
  }

  /** Reads the item if the view is as old as that, unless the store is being left alone. */
  async refresh(ageMs: number): Promise<void> {
    const nowMs = this.#settings.clock.now();
    const leftAloneMs = (this.outage?.retryAtMs ?? -Infinity) - nowMs;
    // Longer than it can be: the clock was set back.
    const isLeftAlone = leftAloneMs > 0 && leftAloneMs <= MAX_BACKOFF_MS;
    if (ageOf(this.view, nowMs) >= ageMs && !isLeftAlone) await this.read(false);
  }

  /** Reads the item, or tells why not; `consistent`: the latest, for people, who have patience. */
  async read(consistent: boolean, isPatient = consistent): Promise<StoreError | undefined> {
    const { store, name, storeBudget, clock } = this.#settings;
    const before = this.view.circuit;
    // The first read has to connect.
    const mayTakeLong = isPatient || this.view === NOTHING_SEEN;
    const budgetMs = mayTakeLong ? storeBudget.firstReadMs : storeBudget.readMs;
    // What is read is as old as the question: the instance may be frozen before the answer comes.
    const askedAtMs = clock.now();
    try {
      const circuit = decode(await this.#within(budgetMs, store.read(name, { consistent })));
      this.#reached('read');
      const isBehind = isOlder(circuit, this.view.circuit);
      if (isBehind && !consistent) return this.read(true, false);
      this.#see(circuit, before, askedAtMs);
      return undefined;
    } catch (caught) {
      const error = asStoreError(caught);
      if (error.kind === 'throttled') {
        // What is known has to serve for another, longer while.
        this.#ttlFactor = Math.min(MAX_TTL_FACTOR, this.#ttlFactor * 2);
        this.view = { ...this.view, seenAtMs: askedAtMs };
      } else this.#failed('read', error);
      return error;
    }
  }

  /** Applied: the circuit as it left it. Refused when repeated, that may show that it was applied. */
  async write(write: Write): Promise<Circuit | 'refused' | 'throttled'> {
    const { store, name, storeBudget } = this.#settings;
    const from = this.view.circuit;
    // To the store, once more for a lost answer, and to the view alone.
    for (let attempt = 1; ; attempt++) {
      const { outage } = this;
      try {
        const { applied, item } = outage
          ? applyWrite({ ...this.view.circuit }, write)
          : await this.#within(storeBudget.writeMs, store.write(name, write));
        const circuit = decode(item);
        if (!outage) this.#reached('write');
        const isMine = applied || (!outage && attempt > 1 && isResultOf(write, circuit));
        if (isMine) this.#tell(write, from, circuit, outage ? 'instance' : 'fleet');
        this.#see(circuit, from);
        return isMine ? circuit : 'refused';
      } catch (caught) {
        const error = asStoreError(caught);
        // It makes no sense alone either: of a number by hand that cannot grow.
        if (outage) return 'refused';
        if ('generation' in write.set) this.#unsure = { write, from };
        if (error.kind === 'throttled') return 'throttled';
        if (attempt > 1 || COUNTERS.includes(write.operation)) this.#failed('write', error);
      }
    }
  }

  /** The latest item is believed even if it is older than the view was: it was deleted or reset. */
  #see(circuit: Circuit, before: Circuit, atMs = this.#settings.clock.now()): void {
    if (this.view.circuit === before && isOlder(circuit, before)) this.view = NOTHING_SEEN;
    this.view = see(this.view, circuit, atMs, this.#settings.random());
    if (!this.#unsure || this.outage || !isResultOf(this.#unsure.write, circuit)) return;
    const { write, from } = this.#unsure;
    this.#unsure = undefined;
    this.#tell(write, from, circuit, 'fleet');
  }

  #reached(by: 'read' | 'write'): void {
    this.#ttlFactor = Math.max(1, this.#ttlFactor / 2);
    if (by === 'write') this.#isWriteTrouble = false;
    if (!this.#isWriteTrouble) this.#failedContacts = 0;
    if (!this.outage) return;
    this.outage = undefined;
    this.view = NOTHING_SEEN;
    this.#settings.onStoreChange?.({ name: this.#settings.name, available: true });
  }

  #failed(by: 'read' | 'write', error: StoreError): void {
    const { clock, random, name, openMs, onStoreChange } = this.#settings;
    if (by === 'write') this.#isWriteTrouble = true;
    else if (!this.outage) this.#failedContacts = 0;
    const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failedContacts++);
    const retryAtMs = clock.now() + backoffMs * (0.5 + random() / 2);
    if (this.outage) return void Object.assign(this.outage, { retryAtMs, error });
    // One late read is no reason for a trial by every instance: alone, it waits a whole period more.
    const waitUntilMs = Math.max(this.view.waitUntilMs, clock.now() + openMs);
    this.view = { ...this.view, waitUntilMs };
    this.outage = { retryAtMs, error };
    onStoreChange?.({ name, available: false, error });
  }

  #tell({ operation }: Write, before: Circuit, after: Circuit, scope: Transition['scope']): void {
    const { state: to, generation, override, reason, updatedAt: atMs, updatedBy: by } = after;
    const key = `${scope} ${generation} ${atMs}`;
    if (generation === before.generation || key === this.#lastTold) return;
    this.#lastTold = key;
    const { name, onTransition } = this.#settings;
    const told = { name, from: before.state, to, operation, generation, reason, atMs, by, scope };
    onTransition?.({ ...told, override });
  }

  #within<T>(budgetMs: number, contact: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = new StoreError('unavailable', `The store gave no answer within ${budgetMs} ms`);
      const cancel = this.#settings.clock.after(budgetMs, () => reject(late));
      contact.then(resolve, reject).finally(cancel);
    });
  }
}

/** No two writes share writer, time and probe, so these tell whose work an item is. */
function isResultOf({ set }: Write, circuit: Write['set']): boolean {
  const stamp = ['updatedBy', 'updatedAt', 'probeOwner'] as const;
  return stamp.every((attribute) => set[attribute] === circuit[attribute]);
}

function asStoreError(caught: unknown): StoreError {
  if (caught instanceof StoreError) return caught;
  return new StoreError('unavailable', String(caught), caught);
}
