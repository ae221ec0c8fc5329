import { StoreError } from '../errors.ts';
import type { Settings } from '../options.ts';

/** The back-off after failed contacts: doubling, with jitter. */
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 30_000;
/** Each throttled read doubles how long views serve, up to this factor. */
const MAX_THROTTLE_FACTOR = 16;

type LinkSettings = Pick<Settings, 'name' | 'clock' | 'random' | 'storeBudget' | 'onStoreChange'>;

/** Told before anybody outside is. */
export interface LinkListener {
  readonly onDown: () => void;
  readonly onUp: () => void;
}

interface Outage {
  readonly id: number;
  retryAtMs: number;
  error: StoreError;
}

export interface WriteContact<T> {
  /** Makes the attempt. `isRepeat`: an earlier one may have been applied. */
  readonly send: (isRepeat: boolean) => Promise<T>;
  /** Whether the write may be sent again when its outcome is unknown. */
  readonly mayRepeat: boolean;
  /** Called for each attempt that failed. */
  readonly onFailure: () => void;
}

type ContactKind = 'read' | 'write';

/**
 * One instance's connection to its store. It keeps the time budget of each
 * contact, the back-off after failures and the answer to throttling, and knows
 * nothing of circuits.
 *
 * A contact that fails or is late begins an outage; the first that succeeds
 * ends it. During an outage the store is left alone until the back-off is over,
 * so that a dead store costs a caller one budget per back-off, not per call.
 */
export class StoreLink {
  readonly #settings: LinkSettings;
  readonly #listener: LinkListener;
  #outage: Outage | undefined;
  #outagesSoFar = 0;
  #failuresInARow = 0;
  /** Reads that succeed do not prove that writes would. */
  #areWritesFailing = false;
  #throttleFactor = 1;
  #isFirstContact = true;

  constructor(settings: LinkSettings, listener: LinkListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  get isDown(): boolean {
    return this.#outage !== undefined;
  }

  /** Names the outage that is going on; undefined while the store is in reach. */
  get outageId(): number | undefined {
    return this.#outage?.id;
  }

  /** What the latest contact of the outage failed with. */
  get error(): StoreError | undefined {
    return this.#outage?.error;
  }

  /** By how much longer than usual views serve: 1, or more when throttled. */
  get throttleFactor(): number {
    return this.#throttleFactor;
  }

  /** Whether the store may be contacted: there is no outage, or a retry is due. */
  mayTry(nowMs: number): boolean {
    if (!this.#outage) return true;
    const remainingMs = this.#outage.retryAtMs - nowMs;
    // A back-off longer than the longest means that the clock was set back.
    return remainingMs <= 0 || remainingMs > MAX_BACKOFF_MS;
  }

  /**
   * Waits for a read, within its budget. A patient one, and the first contact,
   * which has to connect, may take `firstReadMs`. Rejects with StoreError.
   */
  async read<T>(send: () => Promise<T>, isPatient: boolean): Promise<T> {
    const { readMs, firstReadMs } = this.#settings.storeBudget;
    const budgetMs = isPatient || this.#isFirstContact ? firstReadMs : readMs;
    try {
      return await this.#attempt('read', budgetMs, send);
    } catch (caught) {
      throw this.#giveUp('read', asStoreError(caught));
    }
  }

  /**
   * Waits for a write, within its budget. When its outcome is unknown, one that
   * may be repeated is sent once more. Rejects with StoreError.
   */
  async write<T>(contact: WriteContact<T>): Promise<T> {
    const { send, mayRepeat, onFailure } = contact;
    const { writeMs } = this.#settings.storeBudget;
    try {
      return await this.#attempt('write', writeMs, () => send(false));
    } catch (caught) {
      onFailure();
      const error = asStoreError(caught);
      const isUnknown = error.kind !== 'throttled';
      if (!mayRepeat || !isUnknown || this.isDown) throw this.#giveUp('write', error);
    }
    try {
      return await this.#attempt('write', writeMs, () => send(true));
    } catch (caught) {
      onFailure();
      throw this.#giveUp('write', asStoreError(caught));
    }
  }

  async #attempt<T>(kind: ContactKind, budgetMs: number, send: () => Promise<T>): Promise<T> {
    try {
      const answer = await this.#within(budgetMs, send());
      this.#succeeded(kind);
      return answer;
    } finally {
      this.#isFirstContact = false;
    }
  }

  #succeeded(kind: ContactKind): void {
    this.#throttleFactor = Math.max(1, this.#throttleFactor / 2);
    if (kind === 'write') this.#areWritesFailing = false;
    if (!this.#areWritesFailing) this.#failuresInARow = 0;
    if (!this.#outage) return;
    this.#outage = undefined;
    this.#listener.onUp();
    const { name, onStoreChange } = this.#settings;
    onStoreChange?.({ name, available: true });
  }

  #giveUp(kind: ContactKind, error: StoreError): StoreError {
    if (error.kind !== 'throttled') this.#failed(kind, error);
    else if (kind === 'read') this.#throttled();
    return error;
  }

  #throttled(): void {
    const doubled = this.#throttleFactor * 2;
    this.#throttleFactor = Math.min(MAX_THROTTLE_FACTOR, doubled);
  }

  #failed(kind: ContactKind, error: StoreError): void {
    if (kind === 'write') this.#areWritesFailing = true;
    else if (!this.#outage) this.#failuresInARow = 0;
    const retryAtMs = this.#settings.clock.now() + this.#nextBackoffMs();
    if (this.#outage) {
      this.#outage.retryAtMs = retryAtMs;
      this.#outage.error = error;
      return;
    }
    this.#listener.onDown();
    this.#outage = { id: ++this.#outagesSoFar, retryAtMs, error };
    const { name, onStoreChange } = this.#settings;
    onStoreChange?.({ name, available: false, error });
  }

  #nextBackoffMs(): number {
    const doubledMs = FIRST_BACKOFF_MS * 2 ** this.#failuresInARow;
    this.#failuresInARow++;
    const jitter = 0.5 + this.#settings.random() / 2;
    return Math.min(MAX_BACKOFF_MS, doubledMs) * jitter;
  }

  /**
   * Stops waiting at the budget. The contact itself goes on and is not aborted:
   * that would close its connection, and the next contact would have to connect
   * anew, which may take longer than its budget (docs/adr/0003).
   */
  #within<T>(budgetMs: number, contact: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const onLate = () => {
        const late = `The store gave no answer within ${budgetMs} ms`;
        reject(new StoreError('unavailable', late));
      };
      const cancel = this.#settings.clock.after(budgetMs, onLate);
      contact.then(resolve, reject).finally(cancel);
    });
  }
}

function asStoreError(caught: unknown): StoreError {
  if (caught instanceof StoreError) return caught;
  return new StoreError('unavailable', String(caught), caught);
}
