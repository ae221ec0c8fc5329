import { StoreError } from './errors.ts';
import type { Settings } from './options.ts';
import type { Transition, WriteResult } from './ports.ts';
import { type Circuit, type Item, isOlder, NEVER_WRITTEN } from './state.ts';
import { decode } from './stores/item-codec.ts';
import { applyWrite } from './stores/memory-store.ts';
import { isStale, NOTHING_SEEN, see, type View } from './view.ts';
import type { Write } from './writes.ts';

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 30_000;
const MAX_TTL_FACTOR = 16;
/** To the store, once more for a lost answer, and to the private copy. */
const MAX_WRITE_ATTEMPTS = 3;

/** The store is out of reach; meanwhile the same writes go to this instance's private copy. */
export interface Outage {
  item: Item | undefined;
  retryAtMs: number;
  error: StoreError;
}

/** What became of a write; applied: the circuit as it left it. */
export type Written = Circuit | 'refused' | 'throttled';

/**
 * This instance's view of the circuit and its contact with the store. Never rejects for the store's
 * sake: each contact has its budget, and a failed one begins (or prolongs) an outage, in which the
 * instance goes on from its last view under the same rules, by itself. The first read that succeeds
 * ends it and drops what was decided alone.
 */
export class SharedState {
  view: View = NOTHING_SEEN;
  outage: Outage | undefined;
  readonly #settings: Settings;
  #failedContacts = 0;
  /** Reads that succeed do not prove that writes would: the backoff then outlives the outage. */
  #isWriteTrouble = false;
  #ttlFactor = 1;
  /** A transition whose answer was lost: told if the item turns out to carry it. */
  #unsure: { readonly write: Write; readonly from: Circuit } | undefined;
  /** Two calls of one instance may both find that a transition is this instance's. */
  #lastTold = '';

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  isStale(): boolean {
    const { clock, viewTtlMs } = this.#settings;
    return isStale(this.view, clock.now(), viewTtlMs * this.#ttlFactor);
  }

  /** Reads the item unless the store is being left alone. */
  async refresh(): Promise<void> {
    const leftAloneMs = (this.outage?.retryAtMs ?? -Infinity) - this.#settings.clock.now();
    // Longer than it can be: the clock was set back.
    if (leftAloneMs <= 0 || leftAloneMs > MAX_BACKOFF_MS) await this.read({ consistent: false });
  }

  /** Reads the item, or tells why not; `consistent`: the latest, and with patience, for people. */
  async read({ consistent }: { consistent: boolean }): Promise<StoreError | undefined> {
    const { store, name, storeBudget, clock } = this.#settings;
    const before = this.view.circuit;
    // The first read has to connect.
    const isPatient = consistent || this.view === NOTHING_SEEN;
    const budgetMs = isPatient ? storeBudget.firstReadMs : storeBudget.readMs;
    // What is read is as old as the question: the instance may be frozen before the answer comes.
    const askedAtMs = clock.now();
    try {
      const circuit = decode(await this.#within(budgetMs, store.read(name, { consistent })));
      this.#reached('read');
      const isBehind = isOlder(circuit, this.view.circuit);
      if (isBehind && !consistent) return this.read({ consistent: true });
      this.#see(circuit, before, askedAtMs);
      return undefined;
    } catch (caught) {
      const error = asStoreError(caught);
      if (error.kind !== 'throttled') this.#failed('read', error);
      else {
        // What is known has to serve for another, longer while.
        this.#ttlFactor = Math.min(MAX_TTL_FACTOR, this.#ttlFactor * 2);
        this.view = { ...this.view, seenAtMs: askedAtMs };
      }
      return error;
    }
  }

  /**
   * Applies a write that was derived from the view. A transition whose answer was lost is repeated
   * once; if it had been applied, the refusal shows it as this instance's own.
   */
  async write(write: Write): Promise<Written> {
    const { store, name, storeBudget } = this.#settings;
    const from = this.view.circuit;
    for (let attempt = 1; attempt <= MAX_WRITE_ATTEMPTS; attempt++) {
      const { outage } = this;
      try {
        const { applied, item } = outage
          ? applyAlone(write, outage)
          : await this.#within(storeBudget.writeMs, store.write(name, write));
        const circuit = decode(item);
        if (!outage) this.#reached('write');
        const isMine = applied || (attempt > 1 && isResultOf(write, circuit));
        if (isMine) this.#tell(write, from, outage ? 'instance' : 'fleet');
        this.#see(circuit, from);
        return isMine ? circuit : 'refused';
      } catch (caught) {
        const error = asStoreError(caught);
        const isUnsure = attempt > 1 || error.kind !== 'throttled';
        if (isUnsure && 'generation' in write.set) this.#unsure = { write, from };
        if (error.kind === 'throttled') return 'throttled';
        if (error.kind === 'unavailable' && isRepeatable(write) && attempt === 1) continue;
        // Once more, to the private copy.
        this.#failed('write', error);
      }
    }
    // Alone, too, it would make no sense: of a number by hand that cannot grow.
    return 'refused';
  }

  /** The latest item is believed even if it is older than the view was: it was deleted or reset. */
  #see(circuit: Circuit, before: Circuit, atMs = this.#settings.clock.now()): void {
    if (this.view.circuit === before && isOlder(circuit, before)) this.view = NOTHING_SEEN;
    this.view = see(this.view, circuit, atMs, this.#settings.random());
    if (!this.#unsure || this.outage) return;
    const { write, from } = this.#unsure;
    this.#unsure = undefined;
    if (isResultOf(write, circuit)) this.#tell(write, from, 'fleet');
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
    const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failedContacts++);
    const retryAtMs = clock.now() + backoffMs * (0.5 + random() / 2);
    if (this.outage) return void Object.assign(this.outage, { retryAtMs, error });
    const { circuit, waitUntilMs } = this.view;
    // One late answer is no reason for every instance to make its own trial of a downstream that was
    // down a moment ago: alone, it waits for a whole open period more.
    this.view = { ...this.view, waitUntilMs: Math.max(waitUntilMs, clock.now() + openMs) };
    const item = circuit === NEVER_WRITTEN ? undefined : { ...circuit };
    this.outage = { item, retryAtMs, error };
    onStoreChange?.({ name, available: false, error });
  }

  #tell({ operation, set }: Write, from: Circuit, scope: Transition['scope']): void {
    const generation = set.generation ?? from.generation;
    const key = `${scope} ${generation} ${set.updatedAt}`;
    if (generation === from.generation || key === this.#lastTold) return;
    this.#lastTold = key;
    this.#settings.onTransition?.({
      name: this.#settings.name,
      from: from.state,
      to: set.state ?? from.state,
      operation,
      generation,
      override: set.override,
      reason: set.reason,
      atMs: set.updatedAt,
      by: set.updatedBy,
      scope,
    } as Transition);
  }

  #within<T>(budgetMs: number, contact: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = new StoreError('unavailable', `The store gave no answer within ${budgetMs} ms`);
      const cancel = this.#settings.clock.after(budgetMs, () => reject(late));
      contact.then(resolve, reject).finally(cancel);
    });
  }
}

function applyAlone(write: Write, outage: Outage): WriteResult {
  const result = applyWrite(outage.item, write);
  outage.item = result.item;
  return result;
}

/** Whether it may be repeated when its outcome is unknown: a counter must not count twice. */
function isRepeatable({ operation }: Write): boolean {
  return operation !== 'openStreak' && operation !== 'countFailure';
}

/** No two writes share writer, time and probe, so these tell whose work an item is. */
function isResultOf({ set }: Write, circuit: Circuit): boolean {
  const { generation = circuit.generation, probeOwner, updatedBy, updatedAt } = set;
  const isSameStamp = circuit.updatedBy === updatedBy && circuit.updatedAt === updatedAt;
  const isSameProbe = circuit.state !== 'HALF_OPEN' || circuit.probeOwner === probeOwner;
  return isSameStamp && isSameProbe && circuit.generation === generation;
}

function asStoreError(caught: unknown): StoreError {
  if (caught instanceof StoreError) return caught;
  return new StoreError('unavailable', String(caught), caught);
}
