/** The inside of a new process: imports a bundled store, reads once, and then often. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** CPU time of all threads, in microseconds. */
export interface Reads {
  readonly importUs: number;
  readonly firstReadUs: number;
  readonly readUs: number;
}

const WARM_UP_READS = 1_000;
const READS = 2_000;

const [, , file = ''] = process.argv;

async function cpuUsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

let read: () => Promise<unknown> = async () => {};

async function readOften(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    await read();
    // The next read comes in a turn of its own, as the next request does.
    await nextTurn();
  }
}

const importUs = await cpuUsOf(async () => {
  const bundle: { readonly read: typeof read } = await import(pathToFileURL(file).href);
  read = bundle.read;
});
const firstReadUs = await cpuUsOf(read);
await readOften(WARM_UP_READS);
const readUs = (await cpuUsOf(() => readOften(READS))) / READS;
const reads: Reads = { importUs, firstReadUs, readUs };
process.send?.(reads, () => process.exit());
