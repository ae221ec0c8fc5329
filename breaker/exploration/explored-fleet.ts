import { type Item, StoreError, type Write, type WriteResult } from 'fleet-breaker';
import { Monitor } from '../simulation/monitor.ts';
import { VirtualTime } from '../simulation/virtual-time.ts';
import { applyWrite } from '../src/protocol/apply-write.ts';
import { edited } from './edits.ts';
import { type Contact, ExploredInstance } from './explored-instance.ts';
import { type Plan, RULES } from './plan.ts';
import { type Kind, kindOfStep, nthOf, type Step, sentenceOf, slotOf } from './steps.ts';

/** Longer than FAIR_SAMPLE_MS: a call under way may have met a streak that began meanwhile. */
const WHILE_MS = 300;
/** Beyond the spread of claims and the jitter of open periods. */
const SLACK_MS = 300;
/** Two jumps never make a clock right again, for what it has written stays wrong. */
const CLOCK_AHEAD_MS = RULES.openMs + SLACK_MS;
const CLOCK_BACK_MS = RULES.openMs + 2 * SLACK_MS;
const OPERATOR = 'o1';
const PASSES: ReadonlySet<Kind> = new Set(['nextTimer', 'while', 'period']);

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
  /** How many times a write was applied only because of what the plan has done to it. */
  decided = 0;
  /** Told each step as a sentence; undefined while nobody listens. */
  onStep: ((sentence: string) => void) | undefined;
  readonly plan: Plan;
  item: Item | undefined;
  /** The item one version before. */
  previous: Item | undefined;
  /** Writes under way that nobody waits for: of the dead, and copies. */
  readonly strays: Write[] = [];
  /** What the plan still allows. */
  readonly left: { calls: number; faults: number; passes: number; words: number };
  readonly #born: number[] = [];

  constructor(plan: Plan) {
    const { options, start, calls, faults, passes, words } = plan;
    this.plan = plan;
    this.left = { calls, faults, passes, words };
    this.time.elapsedMs = start.elapsedMs;
    this.monitor = new Monitor({ ...options, maxProbes: options.probes.max, time: this.time });
    this.item = start.item && inOrder(start.item);
    this.previous = start.previous && inOrder(start.previous);
    this.version = start.previous ? 1 : 0;
    this.monitor.itemPut(start.item);
    for (let slot = 0; slot < plan.instances; slot++) this.instances.push(this.#bear(slot));
    this.operator = this.#instance(OPERATOR);
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
    if (this.plan.isPrompt) this.#answerPromptly();
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

  #at(slot: number): ExploredInstance {
    return this.instances[slot] ?? this.operator;
  }

  #spend(kind: Kind): void {
    if (kind === 'call' || kind === 'callUnread') this.left.calls--;
    if (this.plan.mayFail.includes(kind)) this.left.faults--;
    else if (this.plan.mayBeSaid.includes(kind)) this.left.words--;
    else if (PASSES.has(kind)) this.left.passes--;
  }

  #do(kind: Kind, on: { instance: ExploredInstance; slot: number; nth: number }): void {
    const { instance, slot, nth } = on;
    switch (kind) {
      case 'call':
        instance.begin();
        break;
      case 'callUnread':
        instance.begin();
        settle();
        for (const contact of [...instance.contacts])
          if (!contact.write) instance.failContact(contact, ERRORS.unavailable);
        break;
      case 'succeed':
      case 'fail':
      case 'ignore':
        instance.endCall(nth, kind);
        break;
      case 'die':
        this.#die(instance, slot);
        break;
      case 'freeze':
        instance.reached(kind);
        instance.pause();
        break;
      case 'thaw':
        instance.reached(kind);
        instance.resume();
        this.pass(0);
        break;
      case 'clockAhead':
      case 'clockBack':
        instance.reached(kind);
        instance.skewMs += kind === 'clockAhead' ? CLOCK_AHEAD_MS : -CLOCK_BACK_MS;
        break;
      case 'nextTimer':
        this.pass((this.time.nextEventMs ?? 0) - this.time.elapsedMs);
        break;
      case 'while':
        this.pass(WHILE_MS);
        break;
      case 'period':
        this.pass(this.#periodMs());
        break;
      case 'stray':
        this.#apply(this.strays.splice(nth, 1)[0] as Write);
        break;
      case 'forceOpen':
      case 'forceClosed':
      case 'close':
      case 'release':
        instance.operate(kind, (breaker) => breaker[kind]('as somebody wishes'));
        break;
      case 'forceOpenShortly':
      case 'forceClosedShortly': {
        const force = kind === 'forceOpenShortly' ? 'forceOpen' : 'forceClosed';
        const untilMs = this.time.nowMs + RULES.openMs;
        instance.operate(kind, (breaker) => breaker[force]('for a while', untilMs));
        break;
      }
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
        instance.answerContact(contact, this.item);
        break;
      case 'readOld':
        instance.answerContact(contact, this.previous);
        break;
      case 'readFails':
        instance.failContact(contact, ERRORS.unavailable);
        break;
      case 'readThrottled':
      case 'throttleWrite':
        instance.failContact(contact, ERRORS.throttled);
        break;
      case 'loseBefore':
        instance.failContact(contact, ERRORS.disconnected);
        break;
      case 'loseAfter':
        this.#apply(write as Write);
        instance.failContact(contact, ERRORS.disconnected);
        break;
      case 'repeat':
        this.strays.push(write as Write);
        contact.answered = this.#apply(write as Write);
        break;
      case 'arrive':
        contact.answered = this.#apply(write as Write);
        break;
      case 'answer':
        instance.answerContact(contact, contact.answered);
        break;
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
      if (write && !answered) this.strays.push(write);
    this.instances[slot] = this.#bear(slot);
  }

  #bear(slot: number): ExploredInstance {
    const incarnation = (this.#born[slot] ?? 0) + 1;
    this.#born[slot] = incarnation;
    return this.#instance(`${'abcdefgh'[slot]}${incarnation}`);
  }

  #instance(id: string): ExploredInstance {
    const { time, monitor } = this;
    const { options } = this.plan;
    return new ExploredInstance({ time, id, monitor }, this, { random: () => 0.5, ...options });
  }

  #apply(write: Write): WriteResult {
    const { tamper } = this.plan;
    const result = applyWrite(this.item, tamper ? tamper(write) : write);
    if (!result.applied) return result;
    if (tamper && !applyWrite(this.item, write).applied) this.decided++;
    this.#become(result.item);
    this.monitor.writeApplied(write, result.item);
    return result;
  }

  #become(item: Item | undefined): void {
    this.version++;
    this.previous = this.item;
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

/**
 * Follows every promise that a step has settled to its end. This is what Node does after each
 * callback; done here at once, a step takes microseconds.
 */
const settle = (process as unknown as { _tickCallback(): void })._tickCallback;
