/**
 * Watches a fleet from outside and writes down every broken promise. It knows the protocol's
 * promises and none of its rules: it sees calls arrive, writes take effect, answers reach instances
 * and transitions being told, and compares.
 *
 *   I1  at most one probe is under way per lease; an operator's word ends the lease
 *   I2  no call is made by an instance that knows the circuit to be open
 *   I3  the stored generation never goes back, and grows by one
 *   I4  the result of a call let through in an earlier generation changes nothing
 *   I5  every transition of the fleet is told once, by the instance that wrote it
 *   I8  without the store an instance makes at most T calls plus one trial per open period
 */
import type { Item, Transition, Write } from 'fleet-breaker';
import type { Answer, Delivery, Instance, Listener } from './fleet.ts';

/**
 * A store's answer that took longer came too late for the instance; unless it was frozen meanwhile,
 * when nobody outside can say.
 */
const IN_TIME_MS = 50;

export interface Promised {
  readonly failureThreshold: number;
  readonly openMs: number;
  readonly streakWindowMs: number;
  /** Whether all instances have the right time: else a lease may be misjudged. */
  readonly hasTrueClocks: boolean;
  readonly nowMs: () => number;
}

interface Call {
  readonly startedAtMs: number;
  /** The store's generation when it was let through. */
  readonly generation: number;
  /** Let through without the store. */
  readonly isLocal: boolean;
}

interface Known {
  item: Item;
  /** It may know more, from an answer that came while it was frozen. */
  isUnsure: boolean;
  firstSeenAtMs: number;
  /** By the latest answer, in time or late: nothing counts under it. */
  hasSeenForcedClosed: boolean;
  call: Call | undefined;
  /** A claim that was granted, and whose call has not yet begun. */
  claim: Write | undefined;
  /** Failures in one outage since the last that succeeded, and when the first was made. */
  alone: { outage: number; failures: number; sinceMs: number };
}

interface Change {
  readonly write: Write;
  readonly generation: number;
  isKnownToWriter: boolean;
}

export class Monitor implements Listener {
  readonly problems: string[] = [];
  readonly changes: Change[] = [];
  readonly #promised: Promised;
  #generation = 0;
  readonly #known = new Map<string, Known>();
  readonly #sent = new Map<Write, { instance: Instance; call: Call | undefined }>();
  readonly #told: { teller: string; transition: Transition }[] = [];
  #probes: { instance: Instance; leaseUntilMs: number; call: Call }[] = [];

  constructor(promised: Promised) {
    this.#promised = promised;
  }

  onCallStart(instance: Instance): void {
    const known = this.#of(instance);
    const nowMs = this.#promised.nowMs();
    const { claim } = known;
    known.claim = undefined;
    const call = {
      startedAtMs: nowMs,
      generation: this.#generation,
      isLocal: instance.isOut,
    };
    known.call = call;
    const isProbe = claim !== undefined && !instance.isOut;
    if (isProbe) this.#probeStarts(instance, claim, call);
    else if (!known.isUnsure && !this.#mayCall(instance, known))
      this.#broken('I2', `${instance.id} makes a call, knowing ${JSON.stringify(known.item)}`);
  }

  onAnswer(instance: Instance, answer: Answer): void {
    const known = this.#of(instance);
    if (answer === 'success') known.alone.failures = 0;
    if (known.call?.isLocal && (answer === 'failure' || answer === 'timeout'))
      this.#failedAlone(instance, known, known.call);
    known.call = undefined;
    known.claim = undefined;
  }

  onSent(instance: Instance, write: Write): void {
    this.#sent.set(write, { instance, call: this.#of(instance).call });
  }

  onApplied(write: Write, after: Item): void {
    const from = this.#generation;
    const to = generationOf(after);
    this.#generation = to;
    if (to < from || to > from + 1) this.#broken('I3', `generation ${from} became ${to}`);
    if (to > from) this.changes.push({ write, generation: to, isKnownToWriter: false });
    const { call, instance } = this.#sent.get(write) ?? {};
    if (/override|release/.test(write.operation)) this.#probes = [];
    if (!call) return;
    // A probe is over when its report has arrived, even before its caller knows.
    this.#probes = this.#probes.filter((probe) => probe.call !== call);
    if (call.generation < from)
      this.#broken(
        'I4',
        `${write.operation} of ${instance?.id} from ${call.generation} on ${from}`,
      );
  }

  onDelivered(instance: Instance, { item = {}, tookMs, write, applied }: Delivery): void {
    const known = this.#of(instance);
    known.isUnsure ||= tookMs > IN_TIME_MS;
    known.hasSeenForcedClosed = item.override === 'FORCED_CLOSED';
    if (tookMs > IN_TIME_MS) return;
    known.isUnsure = false;
    if (write?.set.probeOwner && (applied || item.probeOwner === write.set.probeOwner))
      known.claim = write;
    for (const change of this.changes)
      if (isResultOf(change.write, item)) change.isKnownToWriter ||= item.updatedBy === instance.id;
    if (generationOf(item) < generationOf(known.item)) return;
    if (waitKey(item) !== waitKey(known.item)) known.firstSeenAtMs = this.#promised.nowMs();
    known.item = item;
  }

  onTold(instance: Instance, transition: Transition): void {
    if (transition.scope === 'fleet') this.#told.push({ teller: instance.id, transition });
  }

  /** To be asked when nothing is under way any more. */
  checkTold(): void {
    for (const { teller, transition } of this.#told) {
      const { by, generation } = transition;
      if (by !== teller) this.#broken('I5', `${teller} told what ${by} wrote`);
      const isTrue = this.changes.some(
        (c) => c.generation === generation && c.write.set.updatedBy === by,
      );
      if (!isTrue) this.#broken('I5', `${teller} told ${generation}, which was never written`);
    }
    for (const { generation, write, isKnownToWriter } of this.changes) {
      const times = this.#told.filter(
        ({ transition }) => transition.generation === generation,
      ).length;
      if (times > 1 || (times === 0 && isKnownToWriter))
        this.#broken('I5', `${write.operation} to ${generation} was told ${times} times`);
    }
  }

  #mayCall(instance: Instance, known: Known): boolean {
    const nowMs = this.#promised.nowMs();
    if (instance.isOut) return isOver(known, nowMs, instance);
    return !isClosedTo(known.item, nowMs + instance.skewMs);
  }

  #probeStarts(instance: Instance, claim: Write, call: Call): void {
    const nowMs = this.#promised.nowMs();
    if (generationOf(this.#of(instance).item) !== this.#generation) return;
    const leaseUntilMs = Number(claim.set.probeLeaseUntilMs) - instance.skewMs;
    const rival = this.#probes.find(
      (probe) => this.#of(probe.instance).call === probe.call && probe.leaseUntilMs > nowMs,
    );
    if (rival && this.#promised.hasTrueClocks)
      this.#broken('I1', `${instance.id} probes while ${rival.instance.id} does`);
    this.#probes.push({ instance, leaseUntilMs, call });
  }

  #failedAlone(instance: Instance, known: Known, { startedAtMs }: Call): void {
    if (known.hasSeenForcedClosed) return;
    const { failureThreshold, openMs, streakWindowMs } = this.#promised;
    const outage = instance.storeChanges.length;
    if (known.alone.outage !== outage || known.alone.failures === 0)
      known.alone = { outage, failures: 0, sinceMs: startedAtMs };
    known.alone.failures++;
    const elapsedMs = startedAtMs - known.alone.sinceMs;
    const trials = 1 + Math.floor(elapsedMs / (0.9 * openMs));
    const closed = failureThreshold * (1 + Math.floor(elapsedMs / streakWindowMs));
    if (known.alone.failures > closed + trials)
      this.#broken('I8', `${instance.id} failed ${known.alone.failures} times in ${elapsedMs} ms`);
  }

  #of(instance: Instance): Known {
    const known = this.#known.get(instance.id) ?? {
      item: {},
      isUnsure: false,
      hasSeenForcedClosed: false,
      firstSeenAtMs: -Infinity,
      call: undefined,
      claim: undefined,
      alone: { outage: 0, failures: 0, sinceMs: 0 },
    };
    this.#known.set(instance.id, known);
    return known;
  }

  #broken(invariant: string, what: string): void {
    this.problems.push(`${invariant}: ${what}`);
  }
}

function generationOf(item: Item): number {
  return Number(item.generation ?? 0);
}

/** Whether the item forbids a call that is no probe. */
function isClosedTo(item: Item, nowMs: number): boolean {
  const word =
    item.override && !(Number(item.overrideUntilMs) <= nowMs) ? item.override : undefined;
  if (word) return word === 'FORCED_OPEN';
  return item.state === 'OPEN' || item.state === 'HALF_OPEN';
}

/** Whether an instance left to itself may try, for all that it knew of the circuit. */
function isOver({ item, firstSeenAtMs }: Known, trueMs: number, { id, skewMs }: Instance): boolean {
  const ownMs = trueMs + skewMs;
  const isItsProbe = String(item.probeOwner).startsWith(`${id}#`);
  if (isItsProbe || !isClosedTo(item, ownMs)) return true;
  if (item.override === 'FORCED_OPEN') return false;
  const untilMs = Number(item.openUntilMs ?? item.probeLeaseUntilMs ?? 0);
  const durationMs = Number(item.openDurationMs ?? untilMs - Number(item.updatedAtMs));
  return ownMs >= untilMs || trueMs >= firstSeenAtMs + durationMs;
}

function waitKey(item: Item): string {
  return `${item.state} ${item.openUntilMs} ${item.probeLeaseUntilMs}`;
}

function isResultOf({ set }: Write, item: Item): boolean {
  return (
    item.generation === set.generation &&
    item.updatedAtMs === set.updatedAtMs &&
    item.updatedBy === set.updatedBy
  );
}
