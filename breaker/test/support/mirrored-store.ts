/** An item with copies, and what the tests of them have in common. */
import { VirtualTime } from '../../simulation/virtual-time.ts';
import { StoreError } from '../../src/errors.ts';
import { MirroredStore } from '../../src/fleet/mirrored-store.ts';
import type { CircuitStore } from '../../src/ports.ts';
import type { WriteResult } from '../../src/protocol/apply-write.ts';
import type { Circuit, Item } from '../../src/protocol/circuit.ts';
import { copyName } from '../../src/protocol/copy.ts';
import { memoryStore } from '../../src/stores/memory-store.ts';
import { closed } from './circuits.ts';

/** Draws for two copies that choose the item, and each copy. */
export const DRAW = { item: 0.3, copy1: 0.34, copy2: 0.9 };

/** By whether they are consistent. */
const READS = new Map([
  [true, 'read latest'],
  [false, 'read'],
]);

interface Start {
  readonly mirrors?: number;
  readonly item?: object;
  readonly copies?: readonly (object | undefined)[];
}

/**
 * What happens to the next write of a copy: it fails, is never answered, or is preceded by `before`;
 * `answers` instead of the store.
 */
type Fault = 'down' | 'silent' | { readonly before?: () => void; readonly answers?: WriteResult };

/** `log`: the contacts, each a read, a consistent read or a write of the item or a copy. */
export function mirroredStore({ mirrors = 2, item = closed, copies = [] }: Start = {}) {
  const time = new VirtualTime();
  const memory = memoryStore();
  const log: string[] = [];
  const faults: Fault[] = [];
  const draws: number[] = [];
  let itemTakesMs = 0;
  const nameOf = (number: number) => (number === 0 ? 'x' : copyName('x', number));
  const put = (number: number, content: object | undefined) => {
    if (content) memory.items.set(nameOf(number), { ...content } as Item);
    else memory.items.delete(nameOf(number));
  };
  for (const [number, content] of [item, ...copies].entries()) put(number, content);
  const placeOf = (name: string) =>
    name === 'x' ? 'item' : `copy ${[1, 2, 3, 4].find((number) => nameOf(number) === name)}`;
  const store: CircuitStore = {
    async read(name, how) {
      log.push(`${READS.get(how.consistent)} ${placeOf(name)}`);
      const found = await memory.read(name, how);
      if (name === 'x' && itemTakesMs > 0) await time.wait(itemTakesMs);
      return found;
    },
    async write(name, write) {
      log.push(`write ${placeOf(name)}`);
      const fault = name === 'x' ? undefined : faults.shift();
      if (fault === 'down') throw new StoreError('unavailable', 'no connection');
      if (fault === 'silent') return new Promise(() => {});
      fault?.before?.();
      return fault?.answers ?? memory.write(name, write);
    },
  };
  const timers = new Set<object>();
  const mirrored = new MirroredStore({
    name: 'x',
    store,
    mirrors,
    random: () => draws.shift() ?? 0,
    clock: {
      now: () => time.nowMs,
      after(delayMs, callback) {
        timers.add(callback);
        const cancel = time.after(delayMs, () => {
          timers.delete(callback);
          callback();
        });
        return () => {
          timers.delete(callback);
          cancel();
        };
      },
    },
    storeBudget: { readMs: 60, writeMs: 120, connectMs: 500 },
  });
  /** Reads the item or a copy, as it is drawn. */
  const readAny = (draw: number, known: Circuit) => {
    draws.push(draw);
    return mirrored.read('any', () => known);
  };
  return {
    ...{ mirrored, time, log, faults, timers, put, readAny },
    copy: (number: number) => memory.items.get(nameOf(number)),
    itemTakes: (ms: number) => {
      itemTakesMs = ms;
    },
    /** Reads the latest item, and waits for what follows from it. */
    readLatest: async () => {
      await time.until(mirrored.read('latest', () => closed));
      await time.run(0);
    },
  };
}
