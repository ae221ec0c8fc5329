/** From invocations to what each function did: how many environments at once, for how long, for how much. Pure. */

import { type Invocation, PARTS } from '../raw/logs.ts';
import type { Fleet, FunctionReport, Part } from '../report.ts';
import { sum } from '../statistics.ts';
import type { Span } from './span.ts';

export const describeFunctions = (invocations: readonly Invocation[]): FunctionReport[] =>
  byPart(invocations).map(([part, own]) => describeFunction(part, own));

/** Environments busy at once in each second since the first request, at most. */
export const concurrencyBySecond = (
  invocations: readonly Invocation[],
  span: Span,
): Fleet['concurrencyBySecond'] =>
  byPart(invocations).map(([part, own]) => ({ part, busy: highestBySecond(changes(own), span) }));

/** A request that had to wait for an environment arrived before the handler was entered. */
export const arrivalMs = ({
  startedAtMs = Number.NaN,
  coldStart,
  initMs = 0,
}: Invocation): number => startedAtMs - (coldStart ? initMs : 0);

function byPart(invocations: readonly Invocation[]): [Part, Invocation[]][] {
  const all = PARTS.map((part): [Part, Invocation[]] => [
    part,
    invocations.filter((invocation) => invocation.part === part),
  ]);
  return all.filter(([, own]) => own.length > 0);
}

function describeFunction(part: Part, own: readonly Invocation[]): FunctionReport {
  return {
    part,
    invocations: own.length,
    coldStarts: own.filter(({ coldStart }) => coldStart).length,
    meanDurationMs: sum(own.map(({ durationMs }) => durationMs)) / own.length,
    billedSeconds: sum(own.map(({ billedMs }) => billedMs)) / 1000,
    billedGbSeconds: sum(
      own.map(({ billedMs, memoryMb }) => (billedMs / 1000) * (memoryMb / 1024)),
    ),
    peakConcurrency: peakConcurrency(own),
  };
}

/** Of any number of functions together. */
export const peakConcurrency = (invocations: readonly Invocation[]): number =>
  changes(invocations).reduce((peak, { level }) => Math.max(peak, level), 0);

type Interval = readonly [fromMs: number, toMs: number];

/**
 * An environment is taken from the start of its initialization if a request waits for it. Times in the logs are whole
 * milliseconds: what overlaps by less may be one environment that serves two requests in turn.
 */
function busyInterval(invocation: Invocation): Interval[] {
  const { startedAtMs, endedAtMs } = invocation;
  if (startedAtMs === undefined || endedAtMs === undefined) return [];
  const unsureMs = Math.min(1, (endedAtMs - startedAtMs) / 2);
  return [[arrivalMs(invocation), endedAtMs - unsureMs]];
}

interface Change {
  readonly atMs: number;
  /** Busy environments from here on. */
  readonly level: number;
}

function changes(invocations: readonly Invocation[]): Change[] {
  const steps = invocations.flatMap(busyInterval).flatMap(([fromMs, toMs]) => [
    { atMs: fromMs, step: 1 },
    { atMs: toMs, step: -1 },
  ]);
  // Ends first: an environment that ends and one that begins in the same millisecond may be the same one.
  steps.sort((a, b) => a.atMs - b.atMs || a.step - b.step);
  let level = 0;
  return steps.map(({ atMs, step }) => {
    level += step;
    return { atMs, level };
  });
}

function highestBySecond(all: readonly Change[], { startedAtMs, seconds }: Span): number[] {
  const highest: number[] = [];
  let level = 0;
  let next = 0;
  for (let second = 0; second < seconds; second++) {
    let most = level;
    const endMs = startedAtMs + (second + 1) * 1000;
    for (let change = all[next]; change && change.atMs < endMs; change = all[++next]) {
      level = change.level;
      most = Math.max(most, level);
    }
    highest.push(most);
  }
  return highest;
}
