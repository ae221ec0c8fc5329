import type { BreakerOptions, CircuitStore, Item, Write, WriteResult } from 'fleet-breaker';
import { Instance } from '../simulation/instance.ts';
import type { Monitor } from '../simulation/monitor.ts';
import type { VirtualTime } from '../simulation/virtual-time.ts';
import { WatchedBreaker } from '../simulation/watched-breaker.ts';
import { type Tokens, tokenize } from './tokens.ts';

export type FleetOptions = Partial<Omit<BreakerOptions, 'name' | 'store' | 'clock' | 'instanceId'>>;

/** A request to the store that is under way: on its way there, or its answer on its way back. */
export interface Contact {
  readonly consistent: boolean;
  /** Undefined for a read. */
  readonly write?: Write;
  /** The version of the item when it was sent. */
  readonly sentAtVersion: number;
  /** The answer to a write that has arrived. */
  answered?: WriteResult;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/** A call that the downstream has not answered. */
export interface PendingCall {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Reported by the version of the item, because a read sees one that was current since it was sent. */
export interface Versions {
  readonly version: number;
}

const DOWNSTREAM_FAILED = new Error('the downstream failed');
const NOT_FOUND = Object.assign(new Error('not found'), { status: 404 });

/**
 * An instance whose every contact with the outside waits to be chosen. It keeps a log of what has
 * reached it since it was idle last: together with what its breaker knew then, that determines all
 * that it will do.
 */
export class ExploredInstance extends Instance {
  readonly contacts: Contact[] = [];
  readonly calls: PendingCall[] = [];
  /** How the latest call of `execute` ended. */
  latest: 'none' | 'well' | 'badly' = 'none';
  executing = 0;
  isUntouched = true;
  readonly #makeBreaker: () => WatchedBreaker;
  #made: WatchedBreaker | undefined;
  #log: Tokens = [];

  constructor(
    place: { readonly time: VirtualTime; readonly id: string; readonly monitor: Monitor },
    versions: Versions,
    options: FleetOptions,
  ) {
    super(place.time, place.id);
    const store = this.#store(versions);
    this.#makeBreaker = () =>
      new WatchedBreaker(this, store, place.monitor, { ...options, name: 'c' });
  }

  /** Made at its first use: most schedules are too short to need every instance. */
  get #watched(): WatchedBreaker {
    this.#made ??= this.#makeBreaker();
    return this.#made;
  }

  get isIdle(): boolean {
    return this.executing === 0 && this.contacts.length === 0;
  }

  /** Notes what is about to reach this instance. */
  reached(kind: string, content?: unknown): void {
    this.isUntouched = false;
    if (this.isIdle) this.#log = this.#tokensOfBreaker();
    tokenize(kind, this.#log);
    this.#log.push(0, this.time.elapsedMs);
    if (content !== undefined) tokenize(content, this.#log);
  }

  begin(): void {
    this.reached('call');
    this.executing++;
    let mine: PendingCall | undefined;
    const call = () =>
      new Promise<void>((resolve, reject) => {
        mine = { resolve, reject };
        this.calls.push(mine);
      });
    const ended = (how: 'well' | 'badly') => {
      this.latest = how;
      this.executing--;
      // Nobody waits for a call that was cut.
      if (mine) drop(this.calls, mine);
    };
    this.#watched.execute(call).then(
      () => ended('well'),
      () => ended('badly'),
    );
  }

  /** An operator's request, made from here. */
  operate(what: string, request: (breaker: WatchedBreaker['breaker']) => Promise<void>): void {
    this.reached(what);
    this.executing++;
    const ended = () => {
      this.executing--;
    };
    request(this.#watched.breaker).then(ended, ended);
  }

  endCall(nth: number, how: 'succeed' | 'fail' | 'ignore'): void {
    const call = this.calls[nth] as PendingCall;
    this.reached(how, nth);
    drop(this.calls, call);
    if (how === 'succeed') call.resolve();
    else call.reject(how === 'fail' ? DOWNSTREAM_FAILED : NOT_FOUND);
  }

  answerContact(contact: Contact, answer: Item | WriteResult | undefined): void {
    this.reached('answer', [this.contacts.indexOf(contact), answer]);
    drop(this.contacts, contact);
    contact.resolve(answer as never);
  }

  failContact(contact: Contact, error: Error & { kind?: unknown }): void {
    this.reached('error', [this.contacts.indexOf(contact), String(error.kind)]);
    drop(this.contacts, contact);
    contact.reject(error);
  }

  /** What determines all that this instance will do, besides the time. */
  tokens(version: number): Tokens {
    const tokens = this.isIdle ? this.#tokensOfBreaker() : [...this.#log];
    tokenize([this.skewMs, this.isPaused, this.executing, this.isIdle], tokens);
    for (const { answered, write, sentAtVersion } of this.contacts) {
      const isBehind = sentAtVersion < version;
      tokenize([write?.operation ?? 'read', isBehind, answered], tokens);
    }
    return tokens;
  }

  #tokensOfBreaker(): Tokens {
    const tokens: Tokens = [];
    if (this.#made) tokenize(this.#made.breaker, tokens);
    return tokens;
  }

  #store(versions: Versions): CircuitStore {
    const contact = <T>(consistent: boolean, write?: Write) =>
      new Promise<T>((resolve, reject) => {
        const sentAtVersion = versions.version;
        const more = write ? { write } : {};
        this.contacts.push({ consistent, sentAtVersion, resolve, reject, ...more });
      });
    return {
      read: (_name, { consistent }) => contact<Item | undefined>(consistent),
      write: (_name, write) => contact<WriteResult>(true, write),
    };
  }
}

export function drop<T>(list: T[], element: T): void {
  const at = list.indexOf(element);
  if (at >= 0) list.splice(at, 1);
}
