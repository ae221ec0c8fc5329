/** What a process takes of the machine; by /proc, so on Linux alone. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Footprint {
  readonly threads: number;
  readonly handles: number;
  readonly residentMb: number;
  readonly diskMb: number;
}

export function footprintOf(pid: number, directory: string): Footprint {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    threads: field('Threads'),
    handles: readdirSync(`/proc/${pid}/fd`).length,
    residentMb: Math.round(field('VmRSS') / 1024),
    diskMb: Math.round(bytesIn(directory) / 2 ** 20),
  };
}

function bytesIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((file) => file.isFile())
    .map((file) => sizeOf(join(file.parentPath, file.name)));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** Logs come and go. */
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/**
 * How much more the end takes than the beginning for each of its threads, as a share of the
 * beginning. Each environment is a thread, and how many there are is up to the traffic.
 */
export function growthOf(begin: Footprint, end: Footprint, of: 'handles' | 'residentMb'): number {
  return end[of] / end.threads / (begin[of] / begin.threads) - 1;
}
