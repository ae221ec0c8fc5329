/** From the breaker's transitions to what the circuit did and what it let through. Pure. */

import type { Invocation } from '../raw/logs.ts';
import type { Band, CircuitReport, CircuitTransition } from '../report.ts';
import { arrivalMs } from './functions.ts';
import type { Span } from './span.ts';

interface Observed {
  readonly transitions: readonly CircuitTransition[];
  /** Calls of recommendations; undefined where the logs are out of reach. */
  readonly calls: readonly Invocation[] | undefined;
  readonly span: Span;
}

export function describeCircuit({ transitions, calls, span }: Observed): CircuitReport {
  const at = (atMs: number) => (atMs - span.startedAtMs) / 1000;
  const timed = transitions
    .filter(({ scope }) => scope === 'fleet')
    .map((one) => ({ ...one, atSeconds: at(one.atMs) }));
  const bands = bandsOf(timed, span.elapsedSeconds);
  const opened = timed.filter(({ to }) => to === 'OPEN');
  const firstOpenSeconds = opened[0]?.atSeconds;
  return {
    transitions: timed,
    bands,
    ...(firstOpenSeconds !== undefined && { firstOpenSeconds }),
    localDecisions: transitions.length - timed.length,
    trips: opened.filter(({ from }) => from === 'CLOSED').length,
    openPeriods: opened.length,
    callsByState: calls
      ? countByState(
          bands,
          calls.map((call) => at(arrivalMs(call))),
        )
      : null,
  };
}

function countByState(bands: readonly Band[], arrivalSeconds: readonly number[]) {
  const counts: Record<string, number> = { CLOSED: 0, OPEN: 0, HALF_OPEN: 0 };
  for (const second of arrivalSeconds) {
    // Calls may arrive a little after the last answer; the last state goes on.
    const { state } = bands.find(({ toSeconds }) => second < toSeconds) ?? bands.at(-1) ?? CLOSED;
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

const CLOSED = { state: 'CLOSED' };

function bandsOf(
  transitions: readonly { from: string; to: string; atSeconds: number }[],
  seconds: number,
): Band[] {
  const ends = [...transitions.slice(1).map(({ atSeconds }) => atSeconds), seconds];
  const [first] = transitions;
  const initial = {
    state: first?.from ?? 'CLOSED',
    fromSeconds: 0,
    toSeconds: first?.atSeconds ?? seconds,
  };
  const later = transitions.map(({ to, atSeconds }, index) => ({
    state: to,
    fromSeconds: atSeconds,
    toSeconds: ends[index] ?? seconds,
  }));
  return [initial, ...later].filter(({ fromSeconds, toSeconds }) => toSeconds > fromSeconds);
}
