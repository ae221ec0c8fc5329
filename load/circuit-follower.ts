import { appendFileSync, writeFileSync } from 'node:fs';
import { startChild } from './children.ts';
import { parseSighting } from './report/raw/circuit-sightings.ts';

/**
 * Follows the circuit through its table with the operator's own command: that costs the gateway nothing, and it is
 * the same everywhere. Where the table is out of reach the state stays unknown.
 */
export function followCircuit(operatorArguments: readonly string[], file: string) {
  let state: string | undefined;
  writeFileSync(file, '');
  const command = startChild({
    args: [
      ...['--conditions=fleet-breaker-source', 'ops/circuit.ts', 'status', '--watch', '--json'],
      ...operatorArguments,
    ],
    onLine(line) {
      const sighting = parseSighting(line);
      if (!sighting) return;
      state = sighting.state;
      appendFileSync(file, `${line}\n`);
    },
  });
  return { state: () => state, stop: command.stop };
}
