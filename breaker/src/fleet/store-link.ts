import { StoreError } from '../errors.ts';
import type { Settings } from '../options.ts';

/** The back-off after failed contacts: doubling, with jitter. */
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 30_000;
/** Each throttled read doubles how long views serve, up to this factor. */
const MAX_THROTTLE_FACTOR = 256;
/**
 * After this long without a contact the kept connection may be gone, because the instance was
 * frozen or the server has closed it. The next contact may have to connect anew.
 */
const IDLE_MS = 3_000;

type LinkSettings = Pick<Settings, 'clock' | 'random' | 'storeBudget'>;

interface Outage {
  retryAtMs: number;
  error: StoreError;
}

/** A request to the store, and what becomes of an answer that nobody waits for any more. */
interface Contact<T> {
  /** Makes the attempt. `isRepeat`: an earlier one may have been applied. */
  readonly send: (isRepeat: boolean) => Promise<T>;
  /** Called with an answer that came after the budget. */
  readonly onLate: (answer: T) => void;
}

export interface ReadContact<T> extends Contact<T> {
  /** Whether somebody is ready to wait as long as for a new connection. */
  readonly isPatient: boolean;
}

export interface WriteContact<T> extends Contact<T> {
  /** Whether the write may be sent again when its outcome is unknown. */
  readonly mayRepeat: boolean;
  /** Called for each attempt that failed. */
  readonly onFailure: () => void;
}

type ContactKind = 'read' | 'write';

/**
 * One instance's connection to its store. It enforces the time budget of each contact (a read or a
 * write), the back-off after failures and the answer to throttling, and knows nothing of circuits.
 *
 * A contact that fails or is late begins an outage; one that succeeds in time ends it. During an
 * outage nothing is sent until the back-off is over, so a dead or slow store costs a caller one or
 * two budgets per back-off, not per call. A late answer shows that the connection works by now:
 *
 *     call  |-- budget --| late: outage, the call goes on without the store
 *     store |------------------------| answer: the next contact may begin at once
 */
export class StoreLink {
  readonly #settings: LinkSettings;
  readonly #onDown: (error: StoreError) => void;
  #outage: Outage | undefined;
  #latestError: StoreError | undefined;
  #failuresInARow = 0;
  #areWritesFailing = false;
  /** Whether no contact has succeeded in time since one was late or failed. */
  #isSlow = false;
  #throttleFactor = 1;
  /** When the store answered last, in time or late; -Infinity if it has failed since. */
  #answeredAtMs = -Infinity;
  /** When the latest contact of each kind began. */
  readonly #begunAtMs = { read: -Infinity, write: -Infinity };

  constructor(settings: LinkSettings, onDown: (error: StoreError) => void) {
    this.#settings = settings;
    this.#onDown = onDown;
  }

  get isDown(): boolean {
    return this.#outage !== undefined;
  }

  /** What the latest contact of the outage failed with; undefined if there is no outage. */
  get outageError(): StoreError | undefined {
    return this.#outage?.error;
  }

  /** What the latest contact that failed or was throttled failed with. */
  get latestError(): StoreError | undefined {
    return this.#latestError;
  }

  /** Whether the latest write failed. Reads that succeed do not prove that writes would. */
  get areWritesFailing(): boolean {
    return this.#areWritesFailing;
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
   * Whether the store may be contacted to report a failure. That is worth one more budget, so it is
   * allowed also where the store has just answered, though late.
   */
  mayReport(nowMs: number): boolean {
    return this.mayTry(nowMs) || Math.abs(nowMs - this.#answeredAtMs) < IDLE_MS;
  }

  /** Waits for a read, within its budget. Rejects with StoreError. */
  async read<T>(contact: ReadContact<T>): Promise<T> {
    const { readMs, connectMs } = this.#settings.storeBudget;
    const usualMs = this.#begin('read');
    const budgetMs = contact.isPatient ? Math.max(readMs, connectMs) : usualMs;
    try {
      return await this.#attempt('read', budgetMs, true, contact);
    } catch (caught) {
      throw this.#giveUp('read', asStoreError(caught));
    }
  }

  /**
   * Waits for a write, within its budget. When its outcome is unknown, one that may be repeated is
   * sent once more. Rejects with StoreError.
   */
  async write<T>(contact: WriteContact<T>): Promise<T> {
    const { mayRepeat, send, onFailure } = contact;
    try {
      return await this.#attempt('write', this.#begin('write'), mayRepeat, contact);
    } catch (caught) {
      onFailure();
      const error = asStoreError(caught);
      if (!mayRepeat || error.kind === 'throttled' || this.isDown)
        throw this.#giveUp('write', error);
    }
    const repeated = { ...contact, send: () => send(true) };
    try {
      return await this.#attempt('write', this.#begin('write'), true, repeated);
    } catch (caught) {
      onFailure();
      throw this.#giveUp('write', asStoreError(caught));
    }
  }

  /**
   * Answers how long the contact that begins may take. One that may have to connect may take `connectMs`: the first of
   * its kind, and the first after idleness. A store that did not answer in time lately is not given
   * that long, for it may be dead or slow, and callers would wait for it.
   */
  #begin(kind: ContactKind): number {
    const { readMs, writeMs, connectMs } = this.#settings.storeBudget;
    const usualMs = kind === 'read' ? readMs : writeMs;
    const nowMs = this.#settings.clock.now();
    const latestMs = Math.max(this.#begunAtMs.read, this.#begunAtMs.write);
    const isFirst = this.#begunAtMs[kind] === -Infinity;
    const isIdle = Math.abs(nowMs - latestMs) > IDLE_MS;
    this.#begunAtMs[kind] = nowMs;
    const mayHaveToConnect = isFirst || (isIdle && !this.#isSlow);
    return mayHaveToConnect ? Math.max(usualMs, connectMs) : usualMs;
  }

  #attempt<T>(
    kind: ContactKind,
    budgetMs: number,
    mayRepeat: boolean,
    contact: Contact<T>,
  ): Promise<T> {
    const onLate = (answer: T) => {
      this.#answeredLate();
      contact.onLate(answer);
    };
    const sent = mayRepeat ? this.#sendTwice(contact.send, budgetMs) : contact.send(false);
    return this.#within(budgetMs, sent, onLate).then((answer) => {
      this.#succeeded(kind);
      return answer;
    });
  }

  #succeeded(kind: ContactKind): void {
    this.#isSlow = false;
    this.#answeredAtMs = this.#settings.clock.now();
    this.#throttleFactor = Math.max(1, this.#throttleFactor / 2);
    if (kind === 'write') this.#areWritesFailing = false;
    if (!this.#areWritesFailing) this.#failuresInARow = 0;
    this.#outage = undefined;
  }

  /** A single late answer ends the back-off; after several late contacts it stands. */
  #answeredLate(): void {
    this.#answeredAtMs = this.#settings.clock.now();
    if (this.#outage && this.#failuresInARow <= 1) this.#outage.retryAtMs = this.#answeredAtMs;
  }

  #giveUp(kind: ContactKind, error: StoreError): StoreError {
    this.#latestError = error;
    if (kind === 'write') this.#areWritesFailing = true;
    if (error.kind !== 'throttled') this.#failed(kind, error);
    else if (kind === 'read') this.#throttled();
    return error;
  }

  #throttled(): void {
    const doubled = this.#throttleFactor * 2;
    this.#throttleFactor = Math.min(MAX_THROTTLE_FACTOR, doubled);
  }

  #failed(kind: ContactKind, error: StoreError): void {
    if (kind === 'read' && !this.#outage) this.#failuresInARow = 0;
    const retryAtMs = this.#settings.clock.now() + this.#nextBackoffMs();
    const isNew = this.#outage === undefined;
    this.#isSlow = true;
    this.#answeredAtMs = -Infinity;
    this.#outage = { retryAtMs, error };
    if (isNew) this.#onDown(error);
  }

  #nextBackoffMs(): number {
    const doubledMs = FIRST_BACKOFF_MS * 2 ** this.#failuresInARow;
    this.#failuresInARow++;
    const jitter = 0.5 + this.#settings.random() / 2;
    return Math.min(MAX_BACKOFF_MS, doubledMs) * jitter;
  }

  /**
   * Sends once more, within the same budget, if the connection broke before the answer. A kept
   * connection may turn out to be gone only when it is used. It may also lead nowhere without a
   * sign of it: where there is time to connect, half of it is waited before the other attempt.
   *
   *     kept connection  |-- send ---------------- silence
   *     new connection   |          half of connectMs --| send --> answer
   */
  #sendTwice<T>(send: Contact<T>['send'], budgetMs: number): Promise<T> {
    const { clock, storeBudget } = this.#settings;
    return new Promise((resolve, reject) => {
      let isSentAgain = false;
      let failed = 0;
      let cancel: (() => void) | undefined;
      const onError = (error: unknown) => {
        cancel?.();
        failed++;
        if (isDisconnected(error)) sendAgain();
        if (failed === (isSentAgain ? 2 : 1)) reject(error);
      };
      const onAnswer = (answer: T) => {
        cancel?.();
        resolve(answer);
      };
      const sendAgain = () => {
        if (isSentAgain) return;
        isSentAgain = true;
        send(true).then(onAnswer, onError);
      };
      const hasTimeToConnect = budgetMs >= storeBudget.connectMs;
      if (hasTimeToConnect) cancel = clock.after(budgetMs / 2, sendAgain);
      send(false).then(onAnswer, onError);
    });
  }

  /**
   * Stops waiting at the budget. The contact itself goes on and is not aborted: that would close
   * its connection, and the next contact would have to connect anew (docs/adr/0003).
   */
  #within<T>(budgetMs: number, contact: Promise<T>, onLate: (answer: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      const cancel = this.#settings.clock.after(budgetMs, () => {
        isLate = true;
        const late = `The store gave no answer within ${budgetMs} ms`;
        reject(new StoreError('unavailable', late));
      });
      const onAnswer = (answer: T) => {
        cancel();
        if (isLate) onLate(answer);
        else resolve(answer);
      };
      const onError = (error: unknown) => {
        cancel();
        // The failure of a contact that was late already has been counted.
        reject(error);
      };
      contact.then(onAnswer, onError);
    });
  }
}

function isDisconnected(error: unknown): boolean {
  return error instanceof StoreError && error.kind === 'disconnected';
}

function asStoreError(caught: unknown): StoreError {
  if (caught instanceof StoreError) return caught;
  return new StoreError('unavailable', String(caught), caught);
}
