/** From the breaker's transitions to what the circuit did and what it let through. Pure. */

import type { CircuitTransition, Invocation } from './logs.ts';
import type { Span } from './measure.ts';

/** The circuit was in one state from here to there, in seconds since the first request. */
export interface Band {
  readonly state: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

export interface CircuitReport {
  /** Of the whole fleet. */
  readonly transitions: readonly (CircuitTransition & { readonly atSeconds: number })[];
  readonly bands: readonly Band[];
  /** Undefined: it never opened. */
  readonly firstOpenSeconds?: number;
  /** Decisions that single instances made for themselves while the store was out of their reach. */
  readonly localDecisions: number;
  /** Times it went from closed to open. */
  readonly trips: number;
  /** Times it was opened, reopenings after a failed probe included. */
  readonly openPeriods: number;
  /** Calls that reached recommendations before the circuit first opened, and from then on; null without logs. */
  readonly calls: { readonly before: number; readonly after: number } | null;
}

interface Observed {
  readonly transitions: readonly CircuitTransition[];
  /** Of recommendations; undefined without logs. */
  readonly calls: readonly Invocation[] | undefined;
  readonly span: Span;
}

export function describeCircuit({ transitions, calls, span }: Observed): CircuitReport {
  const at = (atMs: number) => (atMs - span.startedAtMs) / 1000;
  const timed = transitions
    .filter(({ scope }) => scope === 'fleet')
    .map((one) => ({ ...one, atSeconds: at(one.atMs) }));
  const opened = timed.filter(({ to }) => to === 'OPEN');
  const firstOpenSeconds = opened[0]?.atSeconds;
  return {
    transitions: timed,
    bands: bandsOf(timed, span.elapsedSeconds),
    ...(firstOpenSeconds !== undefined && { firstOpenSeconds }),
    localDecisions: transitions.length - timed.length,
    trips: opened.filter(({ from }) => from === 'CLOSED').length,
    openPeriods: opened.length,
    calls: calls
      ? splitCalls(
          calls.map((call) => at(arrivalMs(call))),
          firstOpenSeconds,
        )
      : null,
  };
}

function splitCalls(arrivalSeconds: readonly number[], openSeconds = Number.POSITIVE_INFINITY) {
  const before = arrivalSeconds.filter((second) => second <= openSeconds).length;
  return { before, after: arrivalSeconds.length - before };
}

/** A call that had to wait for an environment arrived before the handler was entered. */
const arrivalMs = ({ startedAtMs = Number.NaN, coldStart, initMs = 0 }: Invocation): number =>
  startedAtMs - (coldStart ? initMs : 0);

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
