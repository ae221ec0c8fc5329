/** Reads what `npm run circuit -- status --watch` prints: how the circuit is known where no logs are. Pure. */
import type { CircuitTransition } from './logs.ts';

type Seen = Omit<CircuitTransition, 'from'>;

/** Time, state, generation, perhaps the failures so far, reason, author; two spaces apart. */
export function parseWatchLine(line: string): Seen | undefined {
  const [time = '', state = '', generation = '', ...rest] = line.split('  ');
  const to = state.split(' ')[0];
  const number = /^generation (\d+)$/.exec(generation)?.[1];
  const atMs = Date.parse(time);
  if (!to || number === undefined || Number.isNaN(atMs)) return undefined;
  const by = rest.at(-1)?.replace(/^by /, '') ?? '';
  return { to, generation: Number(number), reason: rest.at(-2) ?? '', atMs, by, scope: 'fleet' };
}

/** The table is looked at five times a second: a state that lasts less may be missing. */
export function transitionsSeen(text: string): CircuitTransition[] {
  const seen = text.split('\n').flatMap((line) => parseWatchLine(line) ?? []);
  return seen.flatMap((now, index) => {
    const before = seen[index - 1];
    return before && before.generation < now.generation ? [{ ...now, from: before.to }] : [];
  });
}
