/** What users met, second by second. Pure. */

import type { Request } from '../raw/requests.ts';
import type { LatencyDot, Second } from '../report.ts';
import type { Span } from './span.ts';

export function secondsOf(
  requests: readonly Request[],
  { startedAtMs, seconds: length }: Span,
): Second[] {
  const seconds = Array.from({ length }, () => ({
    sent: 0,
    ok: 0,
    degraded: 0,
    failed: 0,
    waiting: 0,
  }));
  const at = (atMs: number) =>
    seconds[Math.min(length - 1, Math.floor((atMs - startedAtMs) / 1000))] ?? seconds[0];
  for (const { sentAtMs, latencyMs, outcome } of requests) {
    const sent = at(sentAtMs);
    const answered = at(sentAtMs + latencyMs);
    if (!sent || !answered) continue;
    sent.sent += 1;
    answered[outcome] += 1;
  }
  let waiting = 0;
  for (const second of seconds) {
    waiting += second.sent - second.ok - second.degraded - second.failed;
    second.waiting = waiting;
  }
  return seconds;
}

/** Both are about as fine as the eye sees: of the whole time, and of a decade on a logarithmic axis. */
const COLUMNS = 120;
const BINS_PER_DECADE = 10;

export function latencyDots(requests: readonly Request[], span: Span): LatencyDot[] {
  const columnSeconds = span.elapsedSeconds / COLUMNS;
  const dots = new Map<string, { column: number; bin: number; requests: number }>();
  for (const { sentAtMs, latencyMs } of requests) {
    const column = Math.floor((sentAtMs - span.startedAtMs) / 1000 / columnSeconds);
    const bin = Math.round(Math.log10(Math.max(latencyMs, 1)) * BINS_PER_DECADE);
    const key = `${column}/${bin}`;
    const dot = dots.get(key) ?? { column, bin, requests: 0 };
    dots.set(key, dot);
    dot.requests += 1;
  }
  return [...dots.values()]
    .sort((a, b) => a.column - b.column || a.bin - b.bin)
    .map(({ column, bin, requests: number }) => ({
      atSeconds: rounded((column + 0.5) * columnSeconds),
      latencyMs: rounded(10 ** (bin / BINS_PER_DECADE)),
      requests: number,
    }));
}

const rounded = (value: number): number => Number(value.toPrecision(4));
