import type { CallOutcome, Item, StoreChange, Transition, Write } from 'fleet-breaker';
import type { Instance } from './instance.ts';
import { generationOf, isOperators, problemsOf } from './item-changes.ts';
import { Journal, summary } from './journal.ts';
import { type Promises, type StoreAnswer, type WatchedCall, Witness } from './witness.ts';

/** A promise of the protocol was broken. `journal`: what happened just before. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly journal: readonly string[];

  constructor(problem: string, journal: readonly string[]) {
    super(problem);
    this.journal = journal;
  }
}

interface Change {
  readonly write: Write;
  isKnownToWriter: boolean;
}

/** Who sent a write, and what was known then. */
interface Writer {
  readonly instance: Instance;
  readonly call: WatchedCall | undefined;
  readonly seen: { readonly item: Item | undefined } | undefined;
}

interface Probe {
  readonly call: WatchedCall;
  readonly instance: Instance;
  readonly generation: number;
  readonly leaseUntilMs: number;
}

/**
 * Watches a fleet from outside and notes every broken promise. It knows the protocol's promises and
 * none of its rules: it sees calls begin and end, writes take effect, the store's answers reach
 * instances and transitions being published, and compares.
 *
 *   I1  at most one probe is under way per generation, and per lease where clocks are right
 *   I2  no call is made by an instance that knows the circuit to be shut
 *   I3  the stored generation never goes back, and grows by one; every change of state has one of its
 *       own, is one that the protocol knows; a streak's score changes by one result at a time and is
 *       never below 0, and a trip has reached the threshold
 *   I4  the result of a call let through in an earlier generation changes nothing; in local mode the
 *       generation is the one that the instance knew
 *   I5  every transition of the fleet is published once, by the instance that wrote it
 *   I8  in local mode an instance makes at most T calls that fail, plus one per open period
 *   I9  no call is refused by an instance that knows the circuit to be closed, and to have been so
 *       for the time of its slow return
 *   I10 what an operator has forced stands until an operator ends it or it runs out, and what was
 *       edited manually is not written over by who has not seen it, except the end of an open period
 *       by an operator
 *   I11 a copy of the item never goes back, and shows no state that its generation has not had
 *
 * I6 (every call is answered in time) and I7 (the fleet recovers) are for those who drive the fleet.
 */
export class Monitor {
  readonly problems: string[] = [];
  /** Generations that were published to the fleet's listeners, and by whom. */
  readonly published = new Map<number, string>();
  readonly #promises: Promises;
  readonly #onViolation: (violation: Violation) => void;
  readonly #journal: Journal;
  readonly #witnesses = new Map<Instance, Witness>();
  readonly #writers = new WeakMap<Write, Writer>();
  readonly #changes = new Map<number, Change>();
  /** What callers meet in each generation. */
  readonly #meanings = new Map<number, string>();
  readonly #copies = new Map<string, number>();
  #probes: Probe[] = [];
  #item: Item | undefined;

  constructor(promises: Promises, onViolation: (violation: Violation) => void = () => {}) {
    this.#promises = promises;
    this.#onViolation = onViolation;
    this.#journal = new Journal(promises.time);
  }

  note(who: string, what: string, detail?: unknown): void {
    this.#journal.note(who, what, detail);
  }

  broken(problem: string): void {
    this.problems.push(problem);
    this.#onViolation(this.violation(problem));
  }

  violation(problem: string): Violation {
    return new Violation(problem, this.#journal.lastEvents());
  }

  /** `execute` was called. The answer stands for this call in what follows. */
  callBegins(instance: Instance): WatchedCall {
    return this.#of(instance).begins();
  }

  /** The call has reached the downstream. Answers whether it is a probe. */
  callStarts(call: WatchedCall): boolean {
    const { instance } = call;
    const witness = this.#of(instance);
    this.note(instance.id, 'calls', witness.knownState);
    call.startedAtMs = this.#promises.time.elapsedMs;
    call.isLocal = witness.isLocal;
    call.generation = call.isLocal ? witness.leastGeneration : this.#generation;
    const claim = witness.takeClaim();
    if (claim && !call.isLocal) this.#probeStarts(call, claim);
    else if (!witness.mayCall())
      this.broken(`I2: ${instance.id} calls, knowing ${JSON.stringify(witness.known)}`);
    return claim !== undefined || (call.isLocal && witness.knownState === 'HALF_OPEN');
  }

  callEnds(call: WatchedCall): void {
    this.#probes = this.#probes.filter((probe) => probe.call !== call);
  }

  /** `execute` has answered. */
  callAnswered(call: WatchedCall, outcome: CallOutcome): void {
    const { instance } = call;
    const witness = this.#of(instance);
    witness.ends(call);
    this.callEnds(call);
    if (outcome === 'refused') {
      this.note(instance.id, 'refuses', witness.knownState);
      if (!witness.mayRefuse()) this.broken(`I9: ${instance.id} refuses, knowing CLOSED`);
    }
    const problem = witness.countsLocally(call, outcome);
    if (problem) this.broken(`I8: ${instance.id} ${problem}`);
  }

  writeSent(instance: Instance, write: Write): void {
    // A write that is sent again was decided on what its writer saw the first time.
    if (this.#writers.has(write)) return;
    const { onlyCall, seen } = this.#of(instance);
    this.#writers.set(write, { instance, call: onlyCall, seen });
  }

  /** The item was put there past the library: at the beginning, or edited manually. */
  itemPut(item: Item | undefined): void {
    // Whoever takes the owner of a probe out of the item lets others probe.
    if (item?.probeOwner !== this.#item?.probeOwner) this.#probes = [];
    this.#item = item;
  }

  /** A write has changed the stored item. */
  writeApplied(write: Write, after: Item): void {
    const before = this.#item;
    const from = this.#generation;
    this.#item = after;
    this.#meanings.set(generationOf(after), meaningOf(after));
    this.note(String(write.set.updatedBy), `writes ${write.operation}`, summary(after));
    const { call, instance, seen } = this.#writers.get(write) ?? {};
    const { nowMs } = this.#promises.time;
    const areClocksTrue = this.#areClocksTrue;
    const known = { rules: this.#promises, nowMs, areClocksTrue, seen };
    for (const problem of problemsOf({ before, after, write, ...known })) this.broken(problem);
    const generation = this.#generation;
    if (generation > from) this.#changes.set(generation, { write, isKnownToWriter: false });
    if (isOperators(write)) this.#probes = [];
    if (!call || call.startedAtMs === undefined) return;
    // A probe is over when its report has arrived, even before its caller knows.
    this.#probes = this.#probes.filter((probe) => probe.call !== call);
    if (call.generation < from)
      this.broken(`I4: ${write.operation} of ${instance?.id} from ${call.generation} on ${from}`);
  }

  /** A copy of the item was written. */
  copyWritten(key: string, after: Item): void {
    const generation = generationOf(after);
    this.note(key, 'is written', summary(after));
    const expected = this.#meanings.get(generation) ?? (generation === 0 ? CLOSED : undefined);
    if (meaningOf(after) !== expected)
      this.broken(`I11: ${key} shows ${meaningOf(after)} in ${generation}, which was ${expected}`);
    if (generation < (this.#copies.get(key) ?? 0))
      this.broken(`I11: ${key} went back to ${generation}`);
    this.#copies.set(key, generation);
  }

  /** A copy of the item was deleted past the library. */
  copyLost(key: string): void {
    this.note(key, 'is deleted');
    this.#copies.delete(key);
  }

  /** An answer of the store has reached an instance. */
  answerDelivered(instance: Instance, answer: StoreAnswer): void {
    const { item, write, applied } = answer;
    const witness = this.#of(instance);
    if (!witness.isCertain(answer)) {
      this.note(instance.id, 'gets a late answer');
      return;
    }
    const what = write ? `${applied ? 'did' : 'was refused'} ${write.operation}` : 'saw';
    this.note(instance.id, what, summary(item));
    const generation = generationOf(item);
    const change = this.#changes.get(generation);
    // One that the writer knows to be overtaken may stay unpublished, wherever it is still shown.
    const isOvertaken = generation < witness.knownGeneration;
    if (change && !isOvertaken && isResultOf(change.write, item))
      change.isKnownToWriter ||= item?.updatedBy === instance.id;
    witness.shown(answer);
  }

  /** A contact with the store has failed. */
  contactFailed(instance: Instance, error: unknown): void {
    this.note(instance.id, `gets no answer: ${error instanceof Error ? error.message : error}`);
    this.#of(instance).troubled(error);
  }

  storeChanged(instance: Instance, { available }: StoreChange): void {
    this.note(instance.id, available ? 'reaches the store' : 'lost the store');
    this.#of(instance).storeChanged(available);
  }

  transitionPublished(instance: Instance, transition: Transition): void {
    const { from, to, scope, generation } = transition;
    this.note(instance.id, `publishes ${from} to ${to} (${scope})`, generation);
    if (scope === 'instance') this.#of(instance).changedLocally(transition);
    else this.#publishedToFleet(instance, transition);
  }

  /** To be asked when nothing is under way any more. */
  checkPublished(): void {
    for (const [generation, { write, isKnownToWriter }] of this.#changes)
      if (isKnownToWriter && !this.published.has(generation))
        this.broken(`I5: ${write.operation} to ${generation} was never published`);
  }

  /** A lease or a streak may be misjudged by any instance whose clock is, or was, wrong. */
  get #areClocksTrue(): boolean {
    return [...this.#witnesses.keys()].every(({ skewMs }) => skewMs === 0);
  }

  get #generation(): number {
    return generationOf(this.#item);
  }

  #publishedToFleet(instance: Instance, { generation, by }: Transition): void {
    const earlier = this.published.get(generation);
    if (earlier) this.broken(`I5: generation ${generation} published by ${earlier} and by ${by}`);
    if (by !== instance.id) this.broken(`I5: ${instance.id} published what ${by} wrote`);
    const isTrue = this.#changes.get(generation)?.write.set.updatedBy === by;
    if (!isTrue) this.broken(`I5: ${by} published ${generation}, which it never wrote`);
    this.published.set(generation, by);
  }

  #probeStarts(call: WatchedCall, claim: Write): void {
    const { instance } = call;
    const generation = this.#of(instance).knownGeneration;
    const leaseUntilMs = Number(claim.set.probeLeaseUntilMs) - instance.skewMs;
    for (const rival of this.#probes) {
      const isLeased = this.#areClocksTrue && rival.leaseUntilMs > this.#promises.time.nowMs;
      const isRival = generation === this.#generation && isLeased;
      if (isRival || rival.generation === generation)
        this.broken(`I1: ${instance.id} probes while ${rival.instance.id} does`);
    }
    this.#probes.push({ call, instance, generation, leaseUntilMs });
  }

  #of(instance: Instance): Witness {
    const witness = this.#witnesses.get(instance) ?? new Witness(instance, this.#promises);
    this.#witnesses.set(instance, witness);
    return witness;
  }
}

/** What callers meet, as a copy must show it. */
function meaningOf({ state, override, openUntilMs }: Item): string {
  return JSON.stringify([state, override, openUntilMs]);
}

const CLOSED = meaningOf({ state: 'CLOSED' });

function isResultOf({ set }: Write, item: Item | undefined): boolean {
  return item?.updatedAtMs === set.updatedAtMs && item?.updatedBy === set.updatedBy;
}
