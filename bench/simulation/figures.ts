import type { Policy, Rules } from '../../breaker/simulation/policy.ts';
import type { Run, World } from '../../breaker/simulation/world.ts';

/** What one run comes to. Less is better, of each. */
export interface Figures {
  readonly leaked: number;
  readonly probes: number;
  readonly callsInOutage: number;
  readonly tripMs: number;
  readonly callerP95Ms: number;
  readonly coldStarts: number;
  readonly missed: number;
  readonly waitedPercent: number;
  readonly neverOpened: number;
  readonly mostOfOne: number;
  readonly missedPercent: number;
  readonly trips: number;
  readonly trippedAfterMs: number;
  readonly unservedPercent: number;
  readonly refusedPercent: number;
  readonly readsPer1000: number;
  readonly writesPer1000: number;
  readonly throttled: number;
  readonly writesPerS: number;
  readonly peakWritesPerS: number;
  readonly leakedUntilMs: number;
  readonly refusedUntilMs: number;
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
  missedPercent: 'share of the requests after the healing that were refused or failed',
  trips: 'times that the shared item was written OPEN while it was not',
  trippedAfterMs: 'from the beginning of the outage (or of the run) to the write of OPEN',
  unservedPercent: 'share of all requests that were refused or failed',
  waitedPercent: 'share of the requests of the outage that took the call timeout or longer',
  neverOpened: 'outages in which OPEN was never written into the shared item',
  mostOfOne: 'calls in the outage by that instance which made most of them',
  refusedPercent: 'share of all requests that were refused',
  readsPer1000: 'reads of the item per 1000 requests of the whole run',
  writesPer1000: 'writes, applied and refused ones, per 1000 requests of the whole run',
  throttled: "reads and writes beyond the item's capacity",
  writesPerS:
    'writes, applied and refused ones, per second in which the item is CLOSED; less than one counts as one',
  peakWritesPerS: 'the most of these in one second of the run',
  leakedUntilMs:
    'from the first write of OPEN to the start of the last but 1 % of the leaked calls',
  refusedUntilMs: 'from the last write of CLOSED to the last refusal',
};

/** When more of the calls fail, it is an outage. */
const OUTAGE_SHARE = 0.5;

/** Infinity: it did not come to it. Of several outages: the sums, and the latest trip. */
export function measure(run: Run, world: World, policy: Policy): Figures {
  const hasOutage = world.phases.some(isOutage);
  const outages = outagesOf(world);
  const each = outages.map((outage) =>
    measureOutage(run, { ...world.rules, ...policy.rules }, outage),
  );
  const sum = (count: (outage: OutageFigures) => number) =>
    each.reduce((total, outage) => total + count(outage), 0);
  const isWithin = within(outages);
  const { requests } = run;
  const during = requests.filter(({ arrivedMs }) => isWithin(arrivedMs));
  const tookMs = during.map((request) => request.tookMs);
  const waited = tookMs.filter((ms) => ms >= world.rules.callTimeoutMs);
  const firstEndMs = outages[0]?.untilMs ?? Infinity;
  const after = requests.filter((r) => r.arrivedMs >= firstEndMs && !isWithin(r.arrivedMs));
  const refused = requests.filter(({ outcome }) => outcome === 'refused').length;
  const perRequest = (count: number) => count / requests.length;
  const { reads, writes, throttled } = run.item.counts;
  const trips = run.item.tripsMs.filter((atMs) => atMs < world.untilMs);
  return {
    leaked: hasOutage ? sum(({ leaked }) => leaked) : Infinity,
    probes: hasOutage ? sum(({ probes }) => probes) : Infinity,
    callsInOutage: hasOutage ? sum(({ calls }) => calls) : Infinity,
    tripMs: Math.max(...each.map(({ tripMs }) => tripMs)),
    callerP95Ms: quantile(tookMs, 0.95),
    coldStarts: run.coldStartsMs.filter(isWithin).length,
    missed: after.filter(isUnserved).length,
    missedPercent: (100 * after.filter(isUnserved).length) / after.length,
    trips: trips.length,
    trippedAfterMs: Math.max(...each.map(({ trippedAfterMs }) => trippedAfterMs)),
    unservedPercent: 100 * perRequest(requests.filter(isUnserved).length),
    waitedPercent: (100 * waited.length) / during.length,
    neverOpened: sum(({ tripMs }) => (Number.isFinite(tripMs) ? 0 : 1)),
    mostOfOne: Math.max(...each.map(({ mostOfOne }) => mostOfOne)),
    refusedPercent: 100 * perRequest(refused),
    readsPer1000: 1_000 * perRequest(reads),
    writesPer1000: 1_000 * perRequest(writes),
    throttled,
    ...writesWhileClosed(run, world),
    leakedUntilMs: Math.max(...each.map(({ leakedUntilMs }) => leakedUntilMs)),
    refusedUntilMs: lastRefusedMs(run) - (run.item.recoveriesMs.at(-1) ?? -Infinity),
  };
}

function writesWhileClosed(run: Run, { untilMs }: World) {
  const closed = run.item.writesMs.filter((atMs) => atMs < untilMs);
  const bySecond = Object.values(Object.groupBy(closed, (atMs) => Math.floor(atMs / 1_000)));
  return {
    // A circuit that trips at once is CLOSED for milliseconds, in which a few writes are no rate.
    writesPerS: closed.length / Math.max(1, run.item.closedMs(untilMs) / 1_000),
    peakWritesPerS: Math.max(0, ...bySecond.map((writes = []) => writes.length)),
  };
}

function lastRefusedMs({ requests }: Run): number {
  const refused = requests.filter(({ outcome }) => outcome === 'refused');
  return refused.reduce((latest, { arrivedMs }) => Math.max(latest, arrivedMs), 0);
}

function isUnserved({ outcome }: Run['requests'][number]): boolean {
  return outcome !== 'success';
}

interface Period {
  readonly fromMs: number;
  readonly untilMs: number;
}

interface OutageFigures {
  readonly leaked: number;
  readonly probes: number;
  readonly calls: number;
  readonly mostOfOne: number;
  readonly tripMs: number;
  readonly trippedAfterMs: number;
  readonly leakedUntilMs: number;
}

function measureOutage(run: Run, rules: Rules, outage: Period): OutageFigures {
  const isWithin = within([outage]);
  const calls = run.calls.filter(({ startedMs }) => isWithin(startedMs));
  const failedMs = calls.filter((call) => call.hasFailed).map((call) => call.endsMs);
  const decisiveMs = failedMs.sort((a, b) => a - b)[rules.failureThreshold - 1] ?? Infinity;
  const leaked = calls.filter(({ startedMs }) => startedMs > decisiveMs);
  const tripMs = run.item.tripsMs.find(isWithin) ?? Infinity;
  const byInstance = Object.values(Object.groupBy(calls, ({ by }) => by));
  return {
    leaked: leaked.length,
    probes: leaked.filter(({ isProbe }) => isProbe).length,
    calls: calls.length,
    mostOfOne: Math.max(0, ...byInstance.map((own = []) => own.length)),
    // A threshold that was not reached is no reason to call it a late trip.
    tripMs: tripMs === Infinity ? Infinity : tripMs - decisiveMs,
    trippedAfterMs: tripMs - outage.fromMs,
    leakedUntilMs:
      quantile(
        leaked.map(({ startedMs }) => startedMs),
        0.99,
      ) - tripMs,
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

function within(periods: readonly Period[]): (atMs: number) => boolean {
  return (atMs) => periods.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
}

export function isOutage({ share = 1 }: World['phases'][number]): boolean {
  return share >= OUTAGE_SHARE;
}

function outagesOf({ phases, untilMs }: World): readonly Period[] {
  const outages = phases.filter(isOutage);
  return outages.length > 0 ? outages : [{ fromMs: 0, untilMs }];
}
