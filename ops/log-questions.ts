/** From log lines to answers, each a table for the terminal. Pure. */
import type { LogLine } from './log-lines.ts';

export interface Question {
  /** See `Wanted` in log-lines.ts. */
  readonly part?: string;
  readonly filterPatterns: readonly string[];
  readonly answer: (lines: readonly LogLine[]) => string[][];
}

/** A line of the logger, with what these questions are about. */
interface Entry {
  readonly level?: string;
  readonly message?: string;
  readonly correlation_id?: string;
  readonly route?: string;
  readonly statusCode?: number;
  readonly durationMs?: number;
  readonly cold_start?: boolean;
  readonly error?: { readonly name?: string; readonly message?: string };
  readonly transition?: {
    readonly generation: number;
    readonly atMs: number;
    readonly from: string;
    readonly to: string;
    readonly operation: string;
    readonly reason: string;
    readonly by: string;
    readonly scope: string;
  };
}

const SLOWEST = 20;
/** What Lambda itself says of an invocation that went wrong. */
const PLATFORM_ERROR = /Task timed out after .*|Runtime exited .*|\tERROR\t.*/;

export const QUESTIONS: Readonly<Record<'transitions' | 'errors' | 'slow', Question>> = {
  transitions: {
    part: 'gateway-v2',
    filterPatterns: ['{ $.message = "circuit transition" }'],
    answer: transitions,
  },
  errors: {
    filterPatterns: [
      '{ $.level = "ERROR" }',
      '?"Task timed out" ?"Runtime exited" ?"Invoke Error" ?"Uncaught Exception"',
    ],
    answer: errors,
  },
  slow: { filterPatterns: ['{ $.message = "answered" }'], answer: slow },
};

/** By generation: the clocks of the instances need not agree, the shared state does. */
function transitions(lines: readonly LogLine[]): string[][] {
  return lines
    .flatMap(({ text }) => entryOf(text).transition ?? [])
    .sort((a, b) => a.generation - b.generation || a.atMs - b.atMs)
    .map(({ atMs, generation, from, to, operation, reason, by, scope }) => [
      timeText(atMs),
      `generation ${generation}`,
      `${from} -> ${to}`,
      operation,
      reason,
      `by ${by}${scope === 'fleet' ? '' : ', for itself alone'}`,
    ]);
}

function errors(lines: readonly LogLine[]): string[][] {
  return [...lines].sort(byTime).flatMap(({ atMs, functionName, text }) => {
    const { level = '', message = '', error, correlation_id: id = '' } = entryOf(text);
    const where = [timeText(atMs), functionName];
    if (level === 'ERROR') {
      return [[...where, message, error ? `${error.name}: ${error.message}` : '', id]];
    }
    const [platformError] = PLATFORM_ERROR.exec(text) ?? [];
    return platformError ? [[...where, platformError.trim().replaceAll('\t', ' ')]] : [];
  });
}

function slow(lines: readonly LogLine[]): string[][] {
  return lines
    .map((line) => ({ ...line, entry: entryOf(line.text) }))
    .filter(({ entry }) => entry.message === 'answered')
    .sort((a, b) => (b.entry.durationMs ?? 0) - (a.entry.durationMs ?? 0))
    .slice(0, SLOWEST)
    .map(({ atMs, functionName, entry }) => [
      `${entry.durationMs} ms`.padStart(9),
      timeText(atMs),
      functionName,
      `${entry.route} ${entry.statusCode}`,
      entry.cold_start ? 'cold start' : '',
      entry.correlation_id ?? '',
    ]);
}

/** The platform's own lines are no JSON, and a broken one is nobody's entry. */
function entryOf(text: string): Entry {
  try {
    return text.startsWith('{') ? JSON.parse(text) : {};
  } catch {
    return {};
  }
}

const byTime = (a: LogLine, b: LogLine) => a.atMs - b.atMs;
const timeText = (atMs: number) => new Date(atMs).toISOString();
