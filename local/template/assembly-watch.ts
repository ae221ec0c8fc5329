/**
 * The local cloud reads an assembly once, at its start, but its functions load their code from there whenever an
 * environment starts. So an assembly that is deleted or replaced meanwhile is worth a word.
 */
import { unwatchFile, watchFile } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Assembly, MANIFEST, readAssembly } from './assembly.ts';

const EVERY_MS = 1_000;

/** Tells once. A synthesis that changes nothing is no change. Returns how to stop watching. */
export function watchAssembly(directory: string, onChange: () => void): () => void {
  const served = readAssembly(directory);
  const manifest = join(directory, MANIFEST);
  const look = () => {
    if (isDeepStrictEqual(readOrNothing(directory), served)) return;
    stop();
    onChange();
  };
  const stop = () => unwatchFile(manifest, look);
  watchFile(manifest, { interval: EVERY_MS, persistent: false }, look);
  return stop;
}

function readOrNothing(directory: string): Assembly | undefined {
  try {
    return readAssembly(directory);
  } catch {
    return undefined;
  }
}
