import type { Settings } from '../options.ts';
import type { WriteResult } from '../protocol/apply-write.ts';
import { type Circuit, type Item, isAbsent } from '../protocol/circuit.ts';
import { decodeItem } from '../protocol/codec.ts';
import type { AttributeValue, Write } from '../protocol/conditional-write.ts';
import { advanceCopy, copyName, replaceCopy } from '../protocol/copy.ts';
import { DecodedStore, type WriteAnswer } from './decoded-store.ts';

/** So that 5,000 calls a second and copy, half of which fail, make 200 reports a second in all. */
const COPY_REPORTS_ONE_IN = 12;
/** How often a copy is written that refuses, or gives no answer. */
const MAX_ATTEMPTS = 3;

type MirrorSettings = Pick<
  Settings,
  'name' | 'store' | 'mirrors' | 'random' | 'clock' | 'storeBudget'
>;

/**
 * What is read: the latest item; the item as it was some milliseconds ago; or, as old, that or one of
 * its copies.
 */
export type ReadKind = 'latest' | 'item' | 'any';

/** What a read of a copy has shown. */
interface SeenCopy {
  readonly number: number;
  /** Undefined where there is no such copy; of any type where it makes no sense. */
  readonly generation: unknown;
  readonly circuit: Circuit | undefined;
}

/**
 * The store of one circuit with copies of its item, over which eventual reads are spread, because
 * one item bears only so many:
 *
 *     eventual read --- 1 of mirrors + 1, at random ---> the item, or a copy of it
 *     consistent read, every write --------------------> the item
 *     a new generation, once it is written ------------> every copy, by who has made it
 *
 * A copy may be late, be missing, or miss a generation, since its writer may die. So it is corrected
 * by whoever finds out: an instance that reads a copy and then learns from the item, by a consistent
 * read or a refused write, that this differs. With no mirrors it is the item alone.
 */
export class MirroredStore {
  readonly #settings: MirrorSettings;
  readonly #primary: DecodedStore;
  /** What this instance's latest read of a copy has shown; undefined once it is dealt with. */
  #seenCopy: SeenCopy | undefined;
  #wasCopyLatest = false;

  constructor(settings: MirrorSettings) {
    this.#settings = settings;
    this.#primary = new DecodedStore(settings);
  }

  /** Whether the latest answer came from a copy, which shows no streak. */
  get wasCopyLatest(): boolean {
    return this.#wasCopyLatest;
  }

  /**
   * One in so many calls reports. Those that were admitted by a copy know of no streak, and another
   * one does for each of them. A few report all the same: a copy that has missed a transition is
   * found out by a failure that the item refuses.
   */
  get reportsOneIn(): number {
    return this.#wasCopyLatest ? COPY_REPORTS_ONE_IN * (this.#settings.mirrors + 1) : 1;
  }

  /**
   * The circuit. Undefined: a copy is missing, and only the item can tell whether the circuit is
   * closed. `known` answers with what the instance knows by then.
   */
  read(what: ReadKind, known: () => Circuit): Promise<Circuit | undefined> {
    switch (what) {
      case 'latest':
        return this.#readLatest();
      case 'item':
        return this.#fromItem(this.#primary.read(false));
      case 'any': {
        const number = this.#drawItem();
        return number === 0 ? this.read('item', known) : this.#readByCopy(number, known);
      }
    }
  }

  /** Corrects the copy that was read last. */
  async #readLatest(): Promise<Circuit> {
    const seen = this.#seenCopy;
    const circuit = await this.#fromItem(this.#primary.read(true));
    this.#correct(seen, circuit);
    return circuit;
  }

  /**
   * A copy of the known generation shows no more than that it stands, because what happens within a
   * generation is in the item alone.
   */
  async #readByCopy(number: number, known: () => Circuit): Promise<Circuit | undefined> {
    const copy = await this.#readCopy(number);
    const latest = known();
    const isKnown = copy?.generation === latest.generation && !isAbsent(latest);
    return isKnown ? latest : copy;
  }

  /** Answers as the item does. A new generation is the caller's to spread. */
  async write(write: Write, isRepeat: boolean): Promise<WriteAnswer> {
    const seen = this.#seenCopy;
    const answer = await this.#fromItem(this.#primary.write(write, isRepeat));
    if (!answer.applied) this.#correct(seen, answer.circuit);
    return answer;
  }

  /**
   * Brings all copies up to a new generation. Waits for that, since an instance may be frozen once it
   * has answered, but no longer than for a write. Never rejects.
   */
  async spread(circuit: Circuit): Promise<void> {
    const { mirrors, clock, storeBudget } = this.#settings;
    const numbers = Array.from({ length: mirrors }, (_, i) => i + 1);
    const copied = Promise.all(numbers.map((number) => this.#advance(number, circuit)));
    this.#seenCopy = undefined;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(storeBudget.writeMs, resolve);
      void copied.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** 0 is the circuit's own item. */
  #drawItem(): number {
    const { mirrors, random } = this.#settings;
    return mirrors === 0 ? 0 : Math.floor(random() * (mirrors + 1));
  }

  #fromItem<T>(answer: Promise<T>): Promise<T> {
    return answer.then((given) => {
      this.#wasCopyLatest = false;
      return given;
    });
  }

  /** Undefined: there is no such copy, or it makes no sense. */
  async #readCopy(number: number): Promise<Circuit | undefined> {
    const { store, name } = this.#settings;
    const item = await store.read(copyName(name, number), { consistent: false });
    const circuit = circuitIn(item);
    this.#seenCopy = { number, generation: item?.generation, circuit };
    this.#wasCopyLatest = true;
    return circuit;
  }

  async #advance(number: number, circuit: Circuit): Promise<void> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const advanced = await this.#writeCopy(number, advanceCopy(circuit));
      if (Number(advanced?.item?.generation) >= circuit.generation) return;
      // Some stores look for what refused a write after that, when a reader may have made it.
      if (advanced === undefined || advanced.item !== undefined) continue;
      const created = await this.#writeCopy(number, replaceCopy(circuit, undefined));
      // A reader may have made it meanwhile, of an earlier generation.
      if (created?.applied) return;
    }
  }

  /**
   * Makes a copy like `latest`, which the item was when it was asked after the copy was read. A
   * copy that was ahead of it is from before the item was deleted or reset. Nobody waits for this,
   * and it may fail: the next one who is misled will try again.
   */
  #correct(seen: SeenCopy | undefined, latest: Circuit): void {
    if (seen === undefined || seen.circuit?.generation === latest.generation) return;
    if (this.#seenCopy === seen) this.#seenCopy = undefined;
    const { number, circuit, generation } = seen;
    const isBehind = circuit !== undefined && circuit.generation < latest.generation;
    if (isBehind) void this.#writeCopy(number, advanceCopy(latest));
    else if (isPlain(generation)) void this.#writeCopy(number, replaceCopy(latest, generation));
  }

  /** Undefined: there was no answer. */
  async #writeCopy(number: number, write: Write): Promise<WriteResult | undefined> {
    const { store, name } = this.#settings;
    try {
      return await store.write(copyName(name, number), write);
    } catch {
      return undefined;
    }
  }
}

function circuitIn(item: Item | undefined): Circuit | undefined {
  const decoded = item && decodeItem(item);
  return decoded && 'circuit' in decoded ? decoded.circuit : undefined;
}

/** Anything else cannot be compared by a condition. */
function isPlain(value: unknown): value is AttributeValue | undefined {
  return value === undefined || typeof value === 'string' || typeof value === 'number';
}
