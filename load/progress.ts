/** What a running load looks like at one moment. Pure. */
import type { Outcome } from './outcome.ts';
import { percentile } from './report/statistics.ts';
import type { RequestEvent } from './request-log.ts';

export interface Snapshot {
  readonly elapsedSeconds: number;
  /** Users who wait for an answer. */
  readonly waiting: number;
  /** Answers so far. */
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Answers per second, lately. */
  readonly answersPerSecond: number;
  /** The 95th percentile of the latest answers; undefined when there was none. */
  readonly latencyMsP95: number | undefined;
}

/** "Lately" means within so many seconds. */
const WINDOW_SECONDS = 10;

interface Answer {
  readonly atMs: number;
  readonly latencyMs: number;
}

export function createProgress() {
  const outcomes = { ok: 0, degraded: 0, failed: 0 };
  let latest: Answer[] = [];
  let waiting = 0;
  let startedAtMs: number | undefined;
  let lastAtMs = 0;

  function at(nowMs: number): Snapshot {
    const elapsedSeconds = Math.max(0, nowMs - (startedAtMs ?? nowMs)) / 1000;
    latest = latest.filter(({ atMs }) => atMs > nowMs - WINDOW_SECONDS * 1000);
    const latenciesMs = latest.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
    const windowSeconds = Math.min(elapsedSeconds, WINDOW_SECONDS);
    return {
      elapsedSeconds,
      waiting,
      outcomes: { ...outcomes },
      answersPerSecond: windowSeconds > 0 ? latest.length / windowSeconds : 0,
      latencyMsP95: percentile(latenciesMs, 95),
    };
  }

  return {
    at,
    atLastAnswer: (): Snapshot => at(lastAtMs),
    add(event: RequestEvent): void {
      startedAtMs ??= event.atMs;
      lastAtMs = event.atMs;
      if (event.event === 'sent') {
        waiting += 1;
        return;
      }
      waiting -= 1;
      outcomes[event.outcome] += 1;
      latest.push({ atMs: event.atMs, latencyMs: event.latencyMs });
    },
  };
}

export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
