import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from './children.ts';
import { parseWatchLine } from './report/circuit-watch.ts';

const repository = join(import.meta.dirname, '..');

/**
 * Follows the circuit through its table with the operator's own command: that costs the gateway nothing, and it is
 * the same everywhere. Where the table is out of reach the state stays unknown.
 */
export function watchCircuit(operatorArguments: readonly string[], file: string) {
  let state: string | undefined;
  writeFileSync(file, '');
  const command = startChild({
    args: [
      ...['--conditions=fleet-breaker-source', 'ops/circuit.ts', 'status', '--watch'],
      ...operatorArguments,
    ],
    cwd: repository,
    onLine: (line) => {
      const seen = parseWatchLine(line);
      if (!seen) return;
      state = seen.to;
      appendFileSync(file, `${line}\n`);
    },
  });
  return { state: () => state, stop: command.stop };
}
