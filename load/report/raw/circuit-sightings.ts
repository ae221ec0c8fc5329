/** Reads what `npm run circuit -- status --watch --json` prints: how the circuit is known where no logs are. Pure. */
import type { CircuitSighting } from '../../../ops/circuit-sighting.ts';
import type { CircuitTransition } from '../report.ts';

/** Undefined: the line is something else that a command may print. */
export function parseSighting(line: string): CircuitSighting | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isSighting = typeof value === 'object' && value !== null && 'generation' in value;
    return isSighting ? (value as CircuitSighting) : undefined;
  } catch {
    return undefined;
  }
}

/** Written behind the last sighting where the command ended before it was stopped. */
export interface WatchEnd {
  readonly endedAtMs: number;
  readonly words: string;
}

/** Undefined: the circuit was followed to the end. */
export function watchEndIn(text: string): WatchEnd | undefined {
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  return last.startsWith('{"endedAtMs"') ? JSON.parse(last) : undefined;
}

/** The table is looked at five times a second: a state that lasts less may be missing. */
export function transitionsSeen(text: string): CircuitTransition[] {
  const sightings = text.split('\n').flatMap((line) => parseSighting(line) ?? []);
  return sightings.flatMap((now, index) => {
    const before = sightings[index - 1];
    if (!before || before.generation >= now.generation) return [];
    const { generation, reason, atMs, by } = now;
    return [{ from: before.state, to: now.state, generation, reason, atMs, by, scope: 'fleet' }];
  });
}
