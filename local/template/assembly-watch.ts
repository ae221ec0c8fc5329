/**
 * The local cloud reads an assembly once, at its start, but its functions load their code from there whenever an
 * environment starts. So an assembly that is deleted or replaced meanwhile is worth a word.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Assembly, readAssembly } from './assembly.ts';

const EVERY_MS = 1_000;

/**
 * Tells once. A synthesis that changes nothing is no change. Returns how to stop watching. The assembly itself is
 * compared: `watchFile` would miss whatever is written before its own first look at the file.
 */
export function watchAssembly(directory: string, onChange: () => void): () => void {
  const served = readAssembly(directory);
  const stop = () => clearInterval(timer);
  const look = () => {
    if (isDeepStrictEqual(readOrNothing(directory), served)) return;
    stop();
    onChange();
  };
  const timer = setInterval(look, EVERY_MS);
  timer.unref();
  return stop;
}

function readOrNothing(directory: string): Assembly | undefined {
  try {
    return readAssembly(directory);
  } catch {
    return undefined;
  }
}
