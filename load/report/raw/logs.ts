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
  /** Handler entered and left. Undefined where no line between START and REPORT carries a time. */
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly durationMs: number;
  /** Includes the initialization of a cold start, which AWS bills since August 2025. */
  readonly billedMs: number;
  /** Of the environment's first invocation: undefined afterwards. */
  readonly initMs: number | undefined;
  /** The request had to wait for the initialization; false in an environment that was started ahead. */
  readonly coldStart: boolean;
  readonly memoryMb: number;
}

export interface Logs {
  readonly invocations: readonly Invocation[];
  /** In the order of their generations. */
  readonly transitions: readonly CircuitTransition[];
  readonly store: StoreUse;
  /** Calls of a gateway to product that did not succeed. */
  readonly productFailures: number;
  /** Begun, but not ended when the logs were taken. */
  readonly unfinished: number;
}

export function parseLogs(streams: readonly LogStream[]): Logs {
  const parsed = streams.map(parseStream);
  return {
    invocations: parsed.flatMap(({ invocations }) => invocations),
    transitions: parsed
      .flatMap(({ transitions }) => transitions)
      .sort((a, b) => a.generation - b.generation || a.atMs - b.atMs),
    store: {
      reads: sum(parsed.map(({ store }) => store.reads)),
      writes: sum(parsed.map(({ store }) => store.writes)),
    },
    productFailures: sum(parsed.map(({ productFailures }) => productFailures)),
    unfinished: sum(parsed.map(({ unfinished }) => unfinished)),
  };
}

function parseStream({ part, text }: LogStream): Logs {
  const invocations: Invocation[] = [];
  const transitions: CircuitTransition[] = [];
  let open = false;
  let coldStart = false;
  let lastAtMs: number | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('START ')) [open, coldStart, lastAtMs] = [true, false, undefined];
    else if (line.startsWith('REPORT ')) {
      const report = parseReport(line);
      invocations.push({ part, coldStart, ...report, ...interval(report, lastAtMs) });
      open = false;
    } else {
      lastAtMs = timeOf(line) ?? lastAtMs;
      coldStart ||= line.includes('"cold_start":true');
      const transition = transitionIn(line);
      if (transition) transitions.push(transition);
    }
  }
  return {
    invocations,
    transitions,
    store: storeUse(text),
    productFailures: text.split('"product call failed"').length - 1,
    unfinished: open ? 1 : 0,
  };
}

const field = (report: string, name: string): number | undefined => {
  const value = report.match(new RegExp(`(?:^|\\t)${name}: ([\\d.]+)`))?.[1];
  return value === undefined ? undefined : Number(value);
};

const parseReport = (line: string) => ({
  durationMs: field(line, 'Duration') ?? 0,
  billedMs: field(line, 'Billed Duration') ?? 0,
  initMs: field(line, 'Init Duration'),
  memoryMb: field(line, 'Memory Size') ?? 0,
});

/** The last line with a time is the one that a handler writes when it has its answer. */
const interval = ({ durationMs }: { durationMs: number }, endedAtMs: number | undefined) => ({
  startedAtMs: endedAtMs === undefined ? undefined : endedAtMs - durationMs,
  endedAtMs,
});

/** Every line of gateway-v2 carries its environment's totals so far. */
function storeUse(text: string): StoreUse {
  const last = (name: string) => {
    const at = text.lastIndexOf(`"${name}":`);
    return at < 0 ? 0 : Number.parseInt(text.slice(at + name.length + 3), 10);
  };
  return { reads: last('storeReads'), writes: last('storeWrites') };
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
