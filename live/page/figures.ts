/** The figures of a gateway, and one sentence that says what they mean. */
import type { Answered, Waiting } from '../frames.ts';

/** Short enough that a change is seen soon. */
export const WINDOW_MS = 10_000;
/** Whoever waits longer than this has noticed. */
const LONG_MS = 2_000;

export interface Figures {
  readonly ok: number;
  readonly degraded: number;
  readonly failed: number;
  readonly perSecond: number;
  /** Undefined: there was no answer. */
  readonly medianMs: number | undefined;
  readonly p95Ms: number | undefined;
  readonly waiting: number;
  readonly longestWaitMs: number;
}

export function figuresOf(
  answers: readonly Answered[],
  waiting: readonly Waiting[],
  nowMs: number,
): Figures {
  const recent = answers.filter(({ atMs }) => atMs > nowMs - WINDOW_MS);
  const latencies = recent.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const count = (outcome: string) => recent.filter((one) => one.outcome === outcome).length;
  return {
    ok: count('ok'),
    degraded: count('degraded'),
    failed: count('failed'),
    perSecond: recent.length / (WINDOW_MS / 1000),
    medianMs: quantile(latencies, 0.5),
    p95Ms: quantile(latencies, 0.95),
    waiting: waiting.length,
    longestWaitMs: Math.max(0, ...waiting.map(({ sinceMs }) => nowMs - sinceMs)),
  };
}

/** Of sorted values: the smallest that at least this share does not exceed. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

export function verdict(figures: Figures): string {
  const { ok, degraded, failed, medianMs = 0, waiting, longestWaitMs } = figures;
  const answered = ok + degraded + failed;
  const longest = `the longest for ${seconds(longestWaitMs)}`;
  if (answered === 0) {
    return waiting === 0 ? 'No users yet.' : `Nobody is answered: ${users(waiting)}, ${longest}.`;
  }
  if (failed > 0) {
    const rest = longestWaitMs > LONG_MS ? ` ${capital(users(waiting))}, ${longest}.` : '';
    return `${failed} of ${answered} answers are errors.${rest}`;
  }
  if (longestWaitMs > LONG_MS) return `Slow: ${users(waiting)}, ${longest}.`;
  if (degraded === 0) return `Everybody gets recommendations, in ${duration(medianMs)}.`;
  const whom = ok === 0 ? 'Everybody is' : `${degraded} of ${answered} are`;
  return `${whom} served without recommendations, in ${duration(medianMs)}.`;
}

const users = (count: number): string => (count === 1 ? '1 user waits' : `${count} users wait`);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const seconds = (ms: number): string => `${Math.floor(ms / 1000)} s`;

export function duration(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)} s`;
  if (ms >= 1_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}
