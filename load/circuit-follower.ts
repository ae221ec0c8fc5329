import { appendFileSync, writeFileSync } from 'node:fs';
import { startChild } from './children.ts';
import { parseSighting, type WatchEnd } from './report/raw/circuit-sightings.ts';

/**
 * Follows the circuit through its table with the operator's own command: that costs the gateway nothing, and it is
 * the same everywhere. The command survives reads that fail; should it end nevertheless, the file says when and why.
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
  let isStopping = false;
  void command.exited.then(() => {
    if (isStopping) return;
    state = undefined;
    const endedEarly: WatchEnd = { endedAtMs: Date.now(), words: command.lastLines() };
    appendFileSync(file, `${JSON.stringify(endedEarly)}\n`);
  });
  return {
    state: () => state,
    stop(): Promise<void> {
      isStopping = true;
      return command.stop();
    },
  };
}
