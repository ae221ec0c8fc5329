import { styleText } from 'node:util';
import type { Outcome } from './outcome.ts';
import { percentile } from './report/statistics.ts';
import type { RequestEvent } from './request-log.ts';

/** What a running load looks like at one moment. */
export interface Snapshot {
  readonly elapsedSeconds: number;
  readonly users: number;
  readonly waiting: number;
  readonly requestsPerSecond: number;
  /** Of the answers so far; undefined before the first. */
  readonly latencyMsP95: number | undefined;
  readonly outcomes: Readonly<Record<Outcome, number>>;
}

export function createProgress() {
  const outcomes = { ok: 0, degraded: 0, failed: 0 };
  const latenciesMs: number[] = [];
  let [users, waiting] = [0, 0];
  let startedAtMs: number | undefined;
  let lastAtMs = 0;
  function at(nowMs: number): Snapshot {
    const elapsedSeconds = Math.max(0, nowMs - (startedAtMs ?? nowMs)) / 1000;
    return {
      elapsedSeconds,
      users,
      waiting,
      requestsPerSecond: elapsedSeconds > 0 ? latenciesMs.length / elapsedSeconds : 0,
      latencyMsP95: percentile(
        latenciesMs.toSorted((a, b) => a - b),
        95,
      ),
      outcomes: { ...outcomes },
    };
  }
  return {
    add(event: RequestEvent): void {
      startedAtMs ??= event.atMs;
      lastAtMs = event.atMs;
      if (event.event === 'sent') {
        users = Math.max(users, event.user);
        waiting += 1;
        return;
      }
      waiting -= 1;
      outcomes[event.outcome] += 1;
      latenciesMs.push(event.latencyMs);
    },
    at,
    atLastAnswer: (): Snapshot => at(lastAtMs),
  };
}

interface Line {
  readonly label: string;
  readonly now: Snapshot;
  readonly loadSeconds: number;
  /** Undefined: not known, or there is none. */
  readonly circuit: string | undefined;
}

export function progressLine({ label, now, loadSeconds, circuit }: Line): string {
  const { ok, degraded, failed } = now.outcomes;
  const p95 = now.latencyMsP95 === undefined ? '-' : `${Math.round(now.latencyMsP95)} ms`;
  return [
    `${label} ${clock(now.elapsedSeconds)}/${clock(loadSeconds)}`,
    `${now.users} users, ${now.waiting} waiting`,
    `${now.requestsPerSecond.toFixed(1)} requests/s`,
    `p95 ${p95}`,
    `ok ${ok} degraded ${degraded} failed ${failed}`,
    ...(circuit ? [`circuit ${circuit}`] : []),
  ].join('  ');
}

export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

const PLAIN_LINE_EVERY_MS = 10_000;

/** Rewrites one line on a terminal; elsewhere prints a plain line now and then. */
export function createDisplay(out: NodeJS.WriteStream) {
  let printedAtMs = 0;
  return {
    show(line: string, nowMs: number): void {
      if (out.isTTY) {
        out.write(`\r\x1b[2K${styleText('dim', line.slice(0, out.columns || undefined))}`);
      } else if (nowMs - printedAtMs >= PLAIN_LINE_EVERY_MS) {
        printedAtMs = nowMs;
        out.write(`${line}\n`);
      }
    },
    /** Ends the live line; `line` stays. */
    finish(line: string): void {
      out.write(out.isTTY ? `\r\x1b[2K${line}\n` : `${line}\n`);
    },
  };
}
