import type { Run, World } from './world.ts';

/** What one run comes to. Less is better, of each. */
export interface Figures {
  readonly leaked: number;
  readonly probes: number;
  readonly callsInOutage: number;
  readonly tripMs: number;
  readonly callerP95Ms: number;
  readonly coldStarts: number;
  readonly missed: number;
  readonly refusedPercent: number;
  readonly readsPer1000: number;
  readonly writesPer1000: number;
  readonly throttled: number;
}

export type Figure = keyof Figures;

export const DEFINITIONS: Readonly<Record<Figure, string>> = {
  leaked:
    'calls that start at the downstream after the failure that reaches the threshold has come ' +
    'back to its caller, until it heals; probes included',
  probes: 'those of the leaked calls that were made to find out whether it has healed',
  callsInOutage: 'all calls that start at the downstream in the outage',
  tripMs: 'from that failure to the write of OPEN into the shared item (below 0: before it)',
  callerP95Ms: '95th percentile of the time a request takes: in the outage, or else in all',
  coldStarts: 'instances started in the outage because none was idle',
  missed:
    'requests after the healing that were refused or failed. An outage of 60 s ends where an open ' +
    'period of 10 s without jitter does: such policies probe just then, by luck',
  refusedPercent: 'share of all requests that were refused',
  readsPer1000: 'reads of the item per 1000 requests of the whole run',
  writesPer1000: 'writes, applied and refused ones, per 1000 requests of the whole run',
  throttled: "reads and writes beyond the item's capacity",
};

/** Infinity: it did not come to it. */
export function measure(run: Run, world: World): Figures {
  const { fromMs, untilMs } = outageOf(world);
  const isWithin = (atMs: number) => atMs >= fromMs && atMs < untilMs;
  const calls = run.calls.filter(({ startedMs }) => isWithin(startedMs));
  const failedMs = calls.filter((call) => call.hasFailed).map((call) => call.endsMs);
  const decisiveMs = failedMs.sort((a, b) => a - b)[world.rules.failureThreshold - 1] ?? Infinity;
  const leaked = calls.filter(({ startedMs }) => startedMs > decisiveMs);
  const tripMs = run.item.tripsMs.find(isWithin) ?? Infinity;
  const { requests } = run;
  const tookMs = requests.filter((r) => isWithin(r.arrivedMs)).map((r) => r.tookMs);
  const after = requests.filter(({ arrivedMs }) => arrivedMs >= untilMs);
  const refused = requests.filter(({ outcome }) => outcome === 'refused').length;
  const perRequest = (count: number) => count / requests.length;
  const { reads, writes, throttled } = run.item.counts;
  return {
    leaked: leaked.length,
    probes: leaked.filter(({ isProbe }) => isProbe).length,
    callsInOutage: calls.length,
    tripMs: tripMs - decisiveMs,
    callerP95Ms: quantile(tookMs, 0.95),
    coldStarts: run.coldStartsMs.filter(isWithin).length,
    missed: after.filter(({ outcome }) => outcome !== 'ok').length,
    refusedPercent: 100 * perRequest(refused),
    readsPer1000: 1_000 * perRequest(reads),
    writesPer1000: 1_000 * perRequest(writes),
    throttled,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low = Infinity, high = Infinity] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return (low + high) / 2;
}

/** The smallest value that at least the share `q` of the values does not exceed. */
function quantile(values: number[], q: number): number {
  return values.sort((a, b) => a - b)[Math.ceil(q * values.length) - 1] ?? Infinity;
}

function outageOf({ phases, untilMs }: World): { fromMs: number; untilMs: number } {
  const outage = phases.find(({ kind }) => kind !== 'flaky');
  return outage ?? { fromMs: 0, untilMs };
}
