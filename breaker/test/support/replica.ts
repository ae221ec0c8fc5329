/** A replica and its store, and what the tests of it have in common. */
import { VirtualTime } from '../../simulation/virtual-time.ts';
import { StoreError } from '../../src/errors.ts';
import { Replica } from '../../src/fleet/replica.ts';
import { loadOptions } from '../../src/load-options.ts';
import type { BreakerOptions } from '../../src/options.ts';
import type { CircuitStore, StoreChange, Transition } from '../../src/ports.ts';
import type { Circuit, Item } from '../../src/protocol/circuit.ts';
import type { Write } from '../../src/protocol/conditional-write.ts';
import * as writes from '../../src/protocol/writes.ts';
import { memoryStore } from '../../src/stores/memory-store.ts';
import { context, failing } from './circuits.ts';

export const CONNECT_MS = 500;
export const READ_MS = 60;
export const WRITE_MS = 120;
/** The first back-off, with the jitter of `random`. */
export const BACK_OFF_MS = 187.5;
export const due = { ...failing, streakScore: 2 };

/**
 * `lost`: the write is applied, but its answer never comes. A number: the answer takes so long, and
 * if negative the question does.
 */
type Fault = 'down' | 'throttled' | 'silent' | 'lost' | number;

/** A replica and its store. Of each contact the next of `faults` is made, if any. */
export function replicaOf(circuit: Circuit | undefined, options: Partial<BreakerOptions> = {}) {
  const time = new VirtualTime();
  let skewMs = 0;
  const memory = memoryStore();
  if (circuit) memory.items.set('x', circuit as unknown as Item);
  const faults: (Fault | undefined)[] = [];
  const contacts: string[] = [];
  const published: Transition[] = [];
  const storeChanges: boolean[] = [];

  async function contact<T>(what: string, act: () => Promise<T>): Promise<T> {
    contacts.push(what);
    const fault = faults.shift();
    if (fault === 'down') throw new StoreError('unavailable', 'no connection');
    if (fault === 'throttled') throw new StoreError('throttled', 'too fast');
    if (fault === 'silent') return new Promise(() => {});
    if (typeof fault === 'number') await time.wait(-fault);
    const answer = await act();
    if (typeof fault === 'number') await time.wait(fault);
    return fault === 'lost' ? new Promise(() => {}) : answer;
  }
  const store: CircuitStore = {
    read: (name, how) => contact(readOf(name, how), () => memory.read(name, how)),
    write: (name, write) => contact(write.operation, () => memory.write(name, write)),
  };
  const replica = new Replica(
    loadOptions({
      name: 'x',
      store,
      instanceId: 'me',
      clock: { now: () => time.nowMs + skewMs, after: (delayMs, run) => time.after(delayMs, run) },
      random: () => 0.5,
      onTransition: (transition) => published.push(transition),
      onStoreChange: ({ available }: StoreChange) => storeChanges.push(available),
      ...options,
    }),
  );
  const put = (item: object | undefined) =>
    item ? memory.items.set('x', { ...item }) : memory.items.delete('x');
  return {
    replica,
    time,
    setClockBack: (ms: number) => {
      skewMs -= ms;
    },
    faults,
    contacts,
    storeChanges,
    put,
    item: () => memory.items.get('x'),
    publishedAs: () => published.map(({ scope, operation }) => `${scope} ${operation}`),
    refresh: (ageMs = 0) => time.until(replica.refreshIfOlderThan(ageMs)),
    commit: (write: Write) => time.until(replica.commit(write)),
  };
}

function readOf(name: string, { consistent }: { readonly consistent: boolean }): string {
  if (name !== 'x') return 'read of a copy';
  return consistent ? 'consistent read' : 'read';
}

/** A replica that has observed its circuit. */
export async function observing(
  circuit: Circuit | undefined,
  options: Partial<BreakerOptions> = {},
) {
  const fixture = replicaOf(circuit, options);
  await fixture.refresh();
  fixture.contacts.length = 0;
  return fixture;
}

/** A replica in local mode, because a read failed. */
export async function inLocalMode(circuit: Circuit, options: Partial<BreakerOptions> = {}) {
  const fixture = await observing(circuit, options);
  fixture.faults.push('down');
  await fixture.refresh();
  fixture.contacts.length = 0;
  return fixture;
}

export const ctx = context();
export const trip = writes.trip(due, { cause: 'Error' }, ctx);
export const tripByAnother = writes.trip(
  due,
  { cause: 'Error' },
  context({ instanceId: 'another' }),
);
