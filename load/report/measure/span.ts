/** The time that a load took, to which everything else is related. Pure. */
import type { Request } from '../raw/requests.ts';

export interface Span {
  readonly startedAtMs: number;
  readonly elapsedSeconds: number;
  /** Whole seconds that the span touches. */
  readonly seconds: number;
}

/** From the first request sent to the last answer. */
export function spanOf(requests: readonly Request[]): Span {
  const startedAtMs = requests[0]?.sentAtMs ?? 0;
  const endedAtMs = requests.reduce(
    (last, { sentAtMs, latencyMs }) => Math.max(last, sentAtMs + latencyMs),
    startedAtMs + 1,
  );
  const elapsedSeconds = (endedAtMs - startedAtMs) / 1000;
  return { startedAtMs, elapsedSeconds, seconds: Math.ceil(elapsedSeconds) };
}
