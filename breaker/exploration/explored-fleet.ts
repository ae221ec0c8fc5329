import { type Item, StoreError, type Write, type WriteResult } from 'fleet-breaker';
import { Monitor } from '../simulation/monitor.ts';
import { VirtualTime } from '../simulation/virtual-time.ts';
import { applyWrite } from '../src/protocol/apply-write.ts';
import { edited } from './edits.ts';
import { type Contact, ExploredInstance } from './explored-instance.ts';
import { type Plan, RULES } from './plan.ts';
import { PRIVATE } from './private-state.ts';
import { type Kind, kindOfStep, nthOf, type Step, sentenceOf, slotOf, stepOf } from './steps.ts';
import { type Key, keyOf, type Tokens, tokenize } from './tokens.ts';

/** Longer than FAIR_SAMPLE_MS: a call under way may have met a streak that began meanwhile. */
const WHILE_MS = 300;
/** Beyond the spread of claims and the jitter of open periods. */
const SLACK_MS = 300;
const OPERATOR = 'o1';
const PASSES: ReadonlySet<Kind> = new Set(['nextTimer', 'while', 'period']);
const READ_FAULTS: readonly Kind[] = ['readFails', 'readThrottled'];
const WRITE_FAULTS: readonly Kind[] = ['loseBefore', 'loseAfter', 'throttleWrite', 'repeat'];

const ERRORS = {
  unavailable: new StoreError('unavailable', 'the store is out of order'),
  disconnected: new StoreError('disconnected', 'the connection broke'),
  throttled: new StoreError('throttled', 'the item is asked too often'),
};

/**
 * A few instances of the real library, their item and their downstream. Nothing happens by itself:
 * every answer, end of a call, timer and step of a clock is a step that somebody chooses.
 */
export class ExploredFleet {
  readonly time = new VirtualTime();
  readonly monitor: Monitor;
  readonly instances: ExploredInstance[] = [];
  readonly operator: ExploredInstance;
  /** The number of the item's version. */
  version = 0;
  /** Told each step as a sentence; undefined while nobody listens. */
  onStep: ((sentence: string) => void) | undefined;
  readonly #plan: Plan;
  item: Item | undefined;
  /** The item one version before. */
  #previous: Item | undefined;
  /** Writes under way that nobody waits for: of the dead, and copies. */
  readonly #strays: Write[] = [];
  readonly #left: { calls: number; faults: number; passes: number; words: number };
  readonly #born: number[] = [];

  constructor(plan: Plan) {
    const { options, start, calls, faults, passes, words } = plan;
    this.#plan = plan;
    this.#left = { calls, faults, passes, words };
    this.time.elapsedMs = start.elapsedMs;
    this.monitor = new Monitor({ ...options, maxProbes: options.probes.max, time: this.time });
    this.item = start.item && inOrder(start.item);
    this.monitor.itemPut(start.item);
    for (let slot = 0; slot < plan.instances; slot++) this.instances.push(this.#bear(slot));
    this.operator = this.#instance(OPERATOR);
  }

  get hasStrays(): boolean {
    return this.#strays.length > 0;
  }

  /** Does the step, and follows what it leads to as far as it goes by itself. */
  perform(step: Step): void {
    const kind = kindOfStep(step);
    const slot = slotOf(step);
    const instance = this.#at(slot);
    this.onStep?.(sentenceOf(step, instance.id));
    this.#spend(kind);
    this.#do(kind, { instance, slot, nth: nthOf(step) });
    settle();
    if (this.#plan.isPrompt) this.#answerPromptly();
  }

  #answerPromptly(): void {
    for (const instance of [...this.instances, this.operator]) {
      if (instance.isPaused) continue;
      for (;;) {
        const contact = instance.contacts.find(({ write, answered }) => !write || answered);
        if (!contact) break;
        instance.answerContact(contact, contact.write ? contact.answered : this.item);
        settle();
      }
    }
  }

  /** Everything that may happen next. */
  choices(): Step[] {
    const steps: Step[] = [];
    this.instances.forEach((instance, slot) => this.#addChoicesOf(instance, slot, steps));
    this.#addContacts(this.operator, this.#plan.instances, steps);
    this.#strays.forEach((_, nth) => steps.push(stepOf('stray', 0, nth)));
    if (this.#left.words > 0 && this.operator.executing === 0)
      for (const kind of this.#plan.mayBeSaid)
        if (this.#isPossible(kind)) steps.push(stepOf(kind, this.#plan.instances));
    if (this.#left.passes > 0) {
      if (this.time.nextEventMs !== undefined) steps.push(stepOf('nextTimer'));
      if (this.instances.some(({ calls }) => calls.length > 0)) steps.push(stepOf('while'));
      steps.push(stepOf('period'));
    }
    return steps;
  }

  /** The same for states from which the same can follow; see docs/reliability.md. */
  key(): Key {
    const known = (this.monitor as unknown as { [PRIVATE](): MonitorState })[PRIVATE]();
    const instances = this.instances.map((instance) => {
      const tokens = instance.tokens(this.version);
      tokenize(known.witnesses.get(instance), tokens);
      return tokens;
    });
    const shared: Tokens = [];
    tokenize([this.time.elapsedMs, this.item, this.#previous, this.#left, this.#strays], shared);
    shared.push(...this.operator.tokens(this.version));
    tokenize(known.witnesses.get(this.operator), shared);
    for (const { instance, generation, leaseUntilMs } of known.probes)
      tokenize([instance.id, generation, leaseUntilMs], shared);
    for (const [generation, { write, isKnownToWriter }] of known.changes) {
      const { updatedBy, updatedAtMs } = write.set;
      tokenize([generation, write.operation, updatedBy, updatedAtMs, isKnownToWriter], shared);
    }
    tokenize(this.monitor.published, shared);
    return keyOf(shared, instances);
  }

  #at(slot: number): ExploredInstance {
    return this.instances[slot] ?? this.operator;
  }

  #addChoicesOf(instance: ExploredInstance, slot: number, steps: Step[]): void {
    const { faults, calls } = this.#left;
    const mayFail = (kind: Kind) => faults > 0 && this.#plan.mayFail.includes(kind);
    if (instance.isPaused) {
      steps.push(stepOf('thaw', slot));
      return;
    }
    if (calls > 0 && instance.executing === 0 && !this.#isAsGoodAsEarlier(instance, slot))
      steps.push(stepOf('call', slot));
    this.#addContacts(instance, slot, steps);
    instance.calls.forEach((_, nth) => {
      steps.push(stepOf('succeed', slot, nth), stepOf('fail', slot, nth));
      if (mayFail('ignore')) steps.push(stepOf('ignore', slot, nth));
    });
    if (instance.isUntouched) return;
    if (mayFail('die') && instance.executing > 0) steps.push(stepOf('die', slot));
    if (mayFail('freeze') && instance.executing > 0) steps.push(stepOf('freeze', slot));
    for (const kind of ['clockAhead', 'clockBack'] as const)
      if (mayFail(kind)) steps.push(stepOf(kind, slot));
  }

  #addContacts(instance: ExploredInstance, slot: number, steps: Step[]): void {
    const mayFail = (kind: Kind) => this.#left.faults > 0 && this.#plan.mayFail.includes(kind);
    instance.contacts.forEach((contact, nth) => {
      const add = (kind: Kind) => steps.push(stepOf(kind, slot, nth));
      if (contact.answered) return add('answer');
      if (contact.write) {
        add('arrive');
        for (const kind of WRITE_FAULTS) if (mayFail(kind)) add(kind);
        return;
      }
      add('read');
      const mayBeOld = !contact.consistent || contact.sentAtVersion < this.version;
      if (mayFail('readOld') && this.version > 0 && mayBeOld) add('readOld');
      for (const kind of READ_FAULTS) if (mayFail(kind)) add(kind);
    });
  }

  /** Instances that nothing has reached are all alike: the first of them goes first. */
  #isAsGoodAsEarlier(instance: ExploredInstance, slot: number): boolean {
    if (!instance.isUntouched) return false;
    return this.instances.slice(0, slot).some((earlier) => earlier.isUntouched);
  }

  #isPossible(kind: Kind): boolean {
    if (!kind.startsWith('edit')) return true;
    return edited(kind, this.item, this.time.nowMs) !== undefined;
  }

  #spend(kind: Kind): void {
    if (kind === 'call') this.#left.calls--;
    else if (this.#plan.mayFail.includes(kind)) this.#left.faults--;
    else if (this.#plan.mayBeSaid.includes(kind)) this.#left.words--;
    else if (PASSES.has(kind)) this.#left.passes--;
  }

  #do(kind: Kind, on: { instance: ExploredInstance; slot: number; nth: number }): void {
    const { instance, slot, nth } = on;
    switch (kind) {
      case 'call':
        return instance.begin();
      case 'succeed':
      case 'fail':
      case 'ignore':
        return instance.endCall(nth, kind);
      case 'die':
        return this.#die(instance, slot);
      case 'freeze':
        instance.reached(kind);
        return instance.pause();
      case 'thaw':
        instance.reached(kind);
        instance.resume();
        return this.pass(0);
      case 'clockAhead':
      case 'clockBack':
        instance.reached(kind);
        instance.skewMs += (kind === 'clockAhead' ? 1 : -1) * (RULES.openMs + SLACK_MS);
        return;
      case 'nextTimer':
        return this.pass((this.time.nextEventMs ?? 0) - this.time.elapsedMs);
      case 'while':
        return this.pass(WHILE_MS);
      case 'period':
        return this.pass(this.#periodMs());
      case 'stray':
        this.#apply(this.#strays.splice(nth, 1)[0] as Write);
        return;
      case 'forceOpen':
      case 'forceClosed':
      case 'close':
      case 'release':
        return instance.operate((breaker) => breaker[kind]('as somebody wishes'));
      default:
        if (kind.startsWith('edit')) this.#edit(kind);
        else this.#reach(kind, instance, instance.contacts[nth] as Contact);
    }
  }

  /** What happens to a contact. */
  #reach(kind: Kind, instance: ExploredInstance, contact: Contact): void {
    const { write } = contact;
    switch (kind) {
      case 'read':
        return instance.answerContact(contact, this.item);
      case 'readOld':
        return instance.answerContact(contact, this.#previous);
      case 'readFails':
        return instance.failContact(contact, ERRORS.unavailable);
      case 'readThrottled':
      case 'throttleWrite':
        return instance.failContact(contact, ERRORS.throttled);
      case 'loseBefore':
        return instance.failContact(contact, ERRORS.disconnected);
      case 'loseAfter':
        this.#apply(write as Write);
        return instance.failContact(contact, ERRORS.disconnected);
      case 'repeat':
        this.#strays.push(write as Write);
        contact.answered = this.#apply(write as Write);
        return;
      case 'arrive':
        contact.answered = this.#apply(write as Write);
        return;
      case 'answer':
        return instance.answerContact(contact, contact.answered);
    }
  }

  /** Lets time pass. Every timer that is due meanwhile runs at its time. */
  pass(ms: number): void {
    const endMs = this.time.elapsedMs + ms;
    while (this.time.runNext(endMs)) settle();
    this.time.elapsedMs = endMs;
  }

  /** The time until whatever the item makes its readers wait for is over. */
  #periodMs(): number {
    const { openUntilMs = 0, probeLeaseUntilMs = 0 } = this.item ?? {};
    const untilMs = Math.max(Number(openUntilMs), Number(probeLeaseUntilMs));
    return Math.max(RULES.openMs, untilMs - this.time.nowMs) + SLACK_MS;
  }

  /** What it has sent may still arrive. */
  #die(instance: ExploredInstance, slot: number): void {
    instance.kill();
    for (const { write, answered } of instance.contacts)
      if (write && !answered) this.#strays.push(write);
    this.instances[slot] = this.#bear(slot);
  }

  #bear(slot: number): ExploredInstance {
    const incarnation = (this.#born[slot] ?? 0) + 1;
    this.#born[slot] = incarnation;
    return this.#instance(`${'abcdefgh'[slot]}${incarnation}`);
  }

  #instance(id: string): ExploredInstance {
    const { time, monitor } = this;
    const { options } = this.#plan;
    return new ExploredInstance({ time, id, monitor }, this, { ...options, random: () => 0.5 });
  }

  #apply(write: Write): WriteResult {
    const { tamper = (same) => same } = this.#plan;
    const result = applyWrite(this.item, tamper(write));
    if (!result.applied) return result;
    this.#become(result.item);
    this.monitor.writeApplied(write, result.item);
    return result;
  }

  #become(item: Item | undefined): void {
    this.version++;
    this.#previous = this.item;
    this.item = item && inOrder(item);
  }

  #edit(kind: Kind): void {
    this.#become(edited(kind, this.item, this.time.nowMs));
    this.monitor.itemPut(this.item);
  }
}

/** The attributes in one order, so that equal items are equal texts. */
function inOrder(item: Item): Item {
  return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface MonitorState {
  readonly witnesses: ReadonlyMap<unknown, unknown>;
  readonly probes: readonly {
    readonly instance: { readonly id: string };
    readonly generation: number;
    readonly leaseUntilMs: number;
  }[];
  readonly changes: ReadonlyMap<
    number,
    { readonly write: Write; readonly isKnownToWriter: boolean }
  >;
}

/**
 * Follows every promise that a step has settled to its end. This is what Node does after each
 * callback; done here at once, a step takes microseconds.
 */
const settle = (process as unknown as { _tickCallback(): void })._tickCallback;
