/**
 * `npm run bench:cold-start`: what the first user of an environment of gateway-v2 waits for, by how it is bundled and how
 * much memory it has.
 *
 * Each figure is the median of environments that are processes of their own. On Lambda the initialization has a whole
 * processor, and a request the share that the memory pays for: 1769 MB are a whole one. `ratio` compares the two
 * together with the first variant; `circuit` is when the first look at the circuit was answered, counted from the start of the
 * request: the breaker does not wait for it longer than 500 ms; `failing` is a second request whose recommendations fail,
 * and which logs a stack trace.
 */
import { readCommandLine, wholeNumber } from '../command-line.ts';
import { bundles, limited, type Start, type Starts, startAll } from './starts.ts';

const USAGE = `npm run bench:cold-start -- [--runs N]

  --runs N   how many environments for each figure; default 7
  --help     shows this`;
const OPTIONS = { runs: { type: 'string', default: '7' } } as const;

const MEMORY_MB = [512, 1_024, 1_769];
/** Of a product service that is warm, and of one that starts itself. */
const PRODUCT_MS = [30, 300];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

async function main(): Promise<void> {
  const runs = readCommandLine(USAGE, OPTIONS, (values) => wholeNumber('--runs', values.runs));
  const all = await bundles();
  console.log(`A share of a processor is imitated by ${limited.kind}.`);
  for (const memoryMb of MEMORY_MB) {
    for (const productMs of PRODUCT_MS) {
      const starts = await startAll(all, { memoryMb, productMs, runs });
      console.log(`\n${memoryMb} MB, the product answers after ${productMs} ms:`);
      console.table(summary(starts));
    }
  }
}

function summary(starts: Starts) {
  const [first = []] = starts.values();
  const together = (all: Start[]) => median(all.map(({ initMs, requestMs }) => initMs + requestMs));
  return Object.fromEntries(
    [...starts].map(([name, all]) => [
      name,
      {
        'init ms': median(all.map(({ initMs }) => initMs)),
        'request ms': median(all.map(({ requestMs }) => requestMs)),
        'together ms': together(all),
        ratio: Number((together(all) / together(first)).toFixed(2)),
        'circuit ms': median(all.map(({ circuitMs }) => circuitMs)),
        'failing ms': median(all.map(({ failingMs }) => failingMs)),
      },
    ]),
  );
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
}

await main();
