/** From CloudWatch log streams to invocations and circuit transitions. Pure; AWS and the local cloud write the same. */
import type { CircuitTransition, Part, StoreUse } from '../report.ts';
import { sum } from '../statistics.ts';

export const PARTS: readonly Part[] = ['gateway-v1', 'gateway-v2', 'product', 'recommendations'];

/** One log stream is one execution environment. */
export interface LogStream {
  readonly part: Part;
  readonly text: string;
}

export interface Invocation {
  readonly part: Part;
  /** The handler was entered and left. Both are undefined where no line between START and REPORT carries a time. */
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly durationMs: number;
  /** Includes the initialization of a cold start, which AWS bills since August 2025. */
  readonly billedMs: number;
  /** Only an environment's first invocation has one. */
  readonly initMs: number | undefined;
  /** The request had to wait for the initialization; false in an environment that was started ahead. */
  readonly coldStart: boolean;
  readonly memoryMb: number;
  /** Operations on the breaker's table since the environment's last invocation. */
  readonly store: StoreUse;
  /** Calls to product that did not succeed. */
  readonly productFailures: number;
}

export interface Logs {
  readonly invocations: readonly Invocation[];
  /** They come in the order of their generations. */
  readonly transitions: readonly CircuitTransition[];
  /** Invocations that had begun, but not ended when the logs were taken. */
  readonly unfinished: number;
}

export function parseLogs(streams: readonly LogStream[]): Logs {
  const parsed = streams.map(parseStream);
  return {
    invocations: parsed.flatMap(({ invocations }) => invocations),
    transitions: parsed
      .flatMap(({ transitions }) => transitions)
      .sort((a, b) => a.generation - b.generation || a.atMs - b.atMs),
    unfinished: sum(parsed.map(({ unfinished }) => unfinished)),
  };
}

function parseStream({ part, text }: LogStream): Logs {
  const invocations: Invocation[] = [];
  const transitions: CircuitTransition[] = [];
  let lines: string[] | undefined;
  let totals: StoreUse = { reads: 0, writes: 0 };
  for (const line of text.split('\n')) {
    const transition = transitionIn(line);
    if (transition) transitions.push(transition);
    if (line.startsWith('START ')) lines = [];
    else if (line.startsWith('REPORT ')) {
      const before = totals;
      totals = storeTotals(lines ?? []) ?? totals;
      invocations.push({
        part,
        ...parseInvocation(line, lines ?? []),
        store: { reads: totals.reads - before.reads, writes: totals.writes - before.writes },
      });
      lines = undefined;
    } else lines?.push(line);
  }
  return { invocations, transitions, unfinished: lines ? 1 : 0 };
}

function parseInvocation(reportLine: string, lines: readonly string[]) {
  const report = parseReport(reportLine);
  // The last line with a time is the one that a handler writes when it has its answer.
  const endedAtMs = lines.reduce<number | undefined>(
    (last, line) => timeOf(line) ?? last,
    undefined,
  );
  return {
    ...report,
    startedAtMs: endedAtMs === undefined ? undefined : endedAtMs - report.durationMs,
    endedAtMs,
    coldStart: lines.some((line) => line.includes('"cold_start":true')),
    productFailures: lines.filter((line) => line.includes('"product call failed"')).length,
  };
}

function field(report: string, name: string): number | undefined {
  const value = report.match(new RegExp(`(?:^|\\t)${name}: ([\\d.]+)`))?.[1];
  return value === undefined ? undefined : Number(value);
}

const parseReport = (line: string) => ({
  durationMs: field(line, 'Duration') ?? 0,
  billedMs: field(line, 'Billed Duration') ?? 0,
  initMs: field(line, 'Init Duration'),
  memoryMb: field(line, 'Memory Size') ?? 0,
});

/** Every line of gateway-v2 carries its environment's totals so far. */
function storeTotals(lines: readonly string[]): StoreUse | undefined {
  const line = lines.findLast((one) => one.includes('"storeReads":'));
  const total = (name: string) => Number(line?.match(new RegExp(`"${name}":(\\d+)`))?.[1] ?? 0);
  return line === undefined
    ? undefined
    : { reads: total('storeReads'), writes: total('storeWrites') };
}

function timeOf(line: string): number | undefined {
  const time = line.match(/^(?:\{.*"timestamp":")?(\d{4}-\d\d-\d\dT[\d:.]+Z)/)?.[1];
  return time === undefined ? undefined : Date.parse(time);
}

function transitionIn(line: string): CircuitTransition | undefined {
  if (!line.startsWith('{') || !line.includes('"circuit transition"')) return undefined;
  const { from, to, generation, reason, atMs, by, scope } = JSON.parse(line).transition;
  return { from, to, generation, reason, atMs, by, scope };
}
