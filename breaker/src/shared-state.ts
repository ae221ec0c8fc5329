import { StoreError } from './errors.ts';
import type { Settings } from './options.ts';
import type { Transition, WriteResult } from './ports.ts';
import { type Circuit, type Item, isOlder, NEVER_WRITTEN } from './state.ts';
import { decode } from './stores/item-codec.ts';
import { applyWrite } from './stores/memory-store.ts';
import { isRepeatable } from './transitions.ts';
import { isStale, NOTHING_SEEN, see, type View } from './view.ts';
import type { Write } from './writes.ts';

const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 30_000;
const MAX_TTL_FACTOR = 16;

/** The store is out of reach; meanwhile the same writes go to this instance's private copy. */
export interface Outage {
  item: Item | undefined;
  retryAtMs: number;
  error: StoreError;
}

/** What became of a write; `circuit`: as it left it. */
export type Written =
  | { readonly result: 'applied'; readonly circuit: Circuit }
  | { readonly result: 'refused' | 'throttled' };

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
  #hasTried = false;
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

  /** Reads the item; `consistent`: the latest, and with patience, for people. */
  async read({ consistent }: { consistent: boolean }): Promise<void> {
    const { store, name, storeBudget, clock } = this.#settings;
    const before = this.view.circuit;
    const isPatient = consistent || !this.#hasTried;
    this.#hasTried = true;
    const budgetMs = isPatient ? storeBudget.firstReadMs : storeBudget.readMs;
    // What is read is as old as the question: the instance may be frozen before the answer comes.
    const askedAtMs = clock.now();
    try {
      const circuit = decode(await this.#within(budgetMs, store.read(name, { consistent })));
      this.#reached('read');
      const isReset = this.view.circuit === before && isOlder(circuit, before);
      if (isReset && !consistent) return this.read({ consistent: true });
      // The latest is older than what was known: somebody has deleted or reset it.
      if (isReset) this.view = NOTHING_SEEN;
      this.#see(circuit, askedAtMs);
    } catch (caught) {
      const error = asStoreError(caught);
      if (error.kind !== 'throttled') return void this.#failed('read', error);
      // What is known has to serve for another, longer while.
      this.#ttlFactor = Math.min(MAX_TTL_FACTOR, this.#ttlFactor * 2);
      this.view = { ...this.view, seenAtMs: askedAtMs };
    }
  }

  /**
   * Applies `write`, which was derived from `from`. A transition whose answer was lost is repeated
   * once; if it had been applied, the refusal shows it as this instance's own.
   */
  async write(write: Write, from: Circuit): Promise<Written> {
    if (this.outage) return this.#writeAlone(write, from, this.outage);
    const { store, name, storeBudget } = this.#settings;
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await this.#within(storeBudget.writeMs, store.write(name, write));
        this.#reached('write');
        return this.#learn(result, write, from, attempt > 1);
      } catch (caught) {
        const error = asStoreError(caught);
        if (error.kind === 'unavailable' && isRepeatable(write) && attempt === 1) continue;
        const isUnsure = attempt > 1 || error.kind !== 'throttled';
        if (isUnsure && 'generation' in write.set) this.#unsure = { write, from };
        if (error.kind === 'throttled') return { result: 'throttled' };
        return this.#writeAlone(write, from, this.#failed('write', error));
      }
    }
  }

  #learn({ applied, item }: WriteResult, write: Write, from: Circuit, isRepeat: boolean): Written {
    const circuit = decode(item);
    const isMine = applied || (isRepeat && isResultOf(write, circuit));
    if (isMine) this.#tell(write, from, 'fleet');
    // The item that refused a write is the latest: one that was deleted or reset is believed.
    else if (this.view.circuit === from && isOlder(circuit, from)) this.view = NOTHING_SEEN;
    this.#see(circuit);
    return isMine ? { result: 'applied', circuit } : { result: 'refused' };
  }

  #writeAlone(write: Write, from: Circuit, outage: Outage): Written {
    const { applied, item } = applyWrite(outage.item, write);
    if (!applied) return { result: 'refused' };
    outage.item = item;
    const circuit = decode(item);
    this.#tell(write, from, 'instance');
    this.#see(circuit);
    return { result: 'applied', circuit };
  }

  #see(circuit: Circuit, atMs = this.#settings.clock.now()): void {
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

  #failed(by: 'read' | 'write', error: StoreError): Outage {
    const { clock, random, name, openMs, onStoreChange } = this.#settings;
    if (by === 'write') this.#isWriteTrouble = true;
    const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failedContacts++);
    const retryAtMs = clock.now() + backoffMs * (0.5 + random() / 2);
    if (this.outage) return Object.assign(this.outage, { retryAtMs, error });
    const { circuit, waitUntilMs } = this.view;
    // One late answer is no reason for every instance to make its own trial of a downstream that was
    // down a moment ago: alone, it waits for a whole open period more.
    this.view = { ...this.view, waitUntilMs: Math.max(waitUntilMs, clock.now() + openMs) };
    this.outage = {
      item: circuit === NEVER_WRITTEN ? undefined : { ...circuit },
      retryAtMs,
      error,
    };
    onStoreChange?.({ name, available: false, error });
    return this.outage;
  }

  #tell({ operation, set }: Write, from: Circuit, scope: Transition['scope']): void {
    const generation = Number(set.generation ?? from.generation);
    const key = `${scope} ${generation} ${set.updatedAt}`;
    if (generation === from.generation || key === this.#lastTold) return;
    this.#lastTold = key;
    const { name, onTransition } = this.#settings;
    onTransition?.({
      name,
      from: from.state,
      to: (set.state ?? from.state) as Transition['to'],
      operation,
      generation,
      ...(set.override && { override: set.override as NonNullable<Transition['override']> }),
      reason: String(set.reason),
      atMs: Number(set.updatedAt),
      by: String(set.updatedBy),
      scope,
    });
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
function isResultOf({ set }: Write, circuit: Circuit): boolean {
  const isSameProbe = circuit.state !== 'HALF_OPEN' || circuit.probeOwner === set.probeOwner;
  const isSameStamp = circuit.updatedBy === set.updatedBy && circuit.updatedAt === set.updatedAt;
  return (
    isSameStamp && isSameProbe && circuit.generation === (set.generation ?? circuit.generation)
  );
}

function asStoreError(caught: unknown): StoreError {
  return caught instanceof StoreError
    ? caught
    : new StoreError('unavailable', String(caught), caught);
}
