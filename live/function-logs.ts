/** What gateway v2 logs about its circuit: by that the page knows who made a transition, and who decides alone. */
import type { CircuitTransition } from './frames.ts';

/** Of the lines that are read here, for the local cloud to send them. */
export const LOG_LINES_WITH = ['circuit transition', 'circuit store'];

export type CircuitLine =
  | { readonly transition: CircuitTransition }
  | { readonly isStoreAvailable: boolean };

/** One write of a function to its log may hold several lines, and lines of others. */
export function circuitLines(text: string): CircuitLine[] {
  return text.split('\n').flatMap((line) => circuitLine(line) ?? []);
}

function circuitLine(line: string): CircuitLine | undefined {
  if (!LOG_LINES_WITH.some((words) => line.includes(words))) return undefined;
  const { message, transition, store } = parse(line);
  if (message === 'circuit transition' && transition) {
    return { transition: transition as CircuitTransition };
  }
  if (message === 'circuit store' && store) {
    return { isStoreAvailable: (store as { available?: boolean }).available === true };
  }
  return undefined;
}

function parse(line: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(line));
  } catch {
    return {};
  }
}
