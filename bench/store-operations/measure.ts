import { type CircuitStore, createBreaker, memoryStore } from 'fleet-breaker';
import { testClock } from 'fleet-breaker/testing';
import { figureOf, type Measured, type Table } from '../suite/results.ts';

const CALLS = 1_000;
/** Of one instance: a hundred calls a second. */
const BETWEEN_CALLS_MS = 10;
const VIEWS_MS = [0, 250, 1_000];

const LOADS: Readonly<Record<string, (call: number) => boolean>> = {
  'closed, all calls succeed': () => false,
  'closed, every tenth call fails': (call) => call % 10 === 9,
  'all calls fail: it trips, and a probe fails in each open period': () => true,
};

interface Operations {
  readonly reads: number;
  readonly writes: number;
}

/** In time that is advanced, so that the figures are the same on every machine. */
async function operationsOf(hasFailed: (call: number) => boolean, viewTtlMs: number) {
  const clock = testClock();
  const operations = { reads: 0, writes: 0 };
  const breaker = createBreaker({
    ...{ name: 'bench', clock, viewTtlMs, store: counting(memoryStore(), operations) },
    random: () => 0.5,
  });
  for (let call = 0; call < CALLS; call++) {
    const downstream = async () => {
      if (hasFailed(call)) throw new Error('down');
    };
    const done = breaker.execute(downstream).catch(() => {});
    await clock.advance(BETWEEN_CALLS_MS);
    await done;
  }
  return operations;
}

function counting(store: CircuitStore, operations: { reads: number; writes: number }) {
  return {
    read: (...of: Parameters<CircuitStore['read']>) => {
      operations.reads++;
      return store.read(...of);
    },
    write: (...of: Parameters<CircuitStore['write']>) => {
      operations.writes++;
      return store.write(...of);
    },
  };
}

export async function measure(): Promise<Measured> {
  const columns = VIEWS_MS.flatMap((viewMs) => [`view ${viewMs} ms: reads`, 'writes']);
  const rows = [];
  for (const [label, hasFailed] of Object.entries(LOADS)) {
    const operations: Operations[] = [];
    for (const viewMs of VIEWS_MS) operations.push(await operationsOf(hasFailed, viewMs));
    const counts = operations.flatMap(({ reads, writes }) => [reads, writes]);
    rows.push({ label, figures: counts.map((count) => figureOf([count])) });
  }
  const table: Table = { title: '', label: 'Circuit', columns, rows };
  return { tables: [table], goals: [] };
}
