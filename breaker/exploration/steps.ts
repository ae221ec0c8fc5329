/**
 * The steps of a schedule: what the scheduler may let happen next. A step is one number, so that a
 * schedule is a list of numbers that can be kept, sent to another thread and done again.
 */

/** Each kind of step, and its sentence in a story. `$`: the instance. */
const SENTENCES = {
  call: '$ is asked for a call',
  callUnread: '$ is asked for a call, and its read of the item fails',
  succeed: 'the downstream answers $ well',
  fail: 'the downstream fails the call of $',
  ignore: 'the downstream answers $ with 404, which says nothing of its health',
  read: 'the store answers the read of $ with the latest item',
  readOld: 'the store answers the read of $ with the version before the latest',
  readFails: 'the read of $ fails',
  readThrottled: 'the read of $ is throttled',
  arrive: 'the write of $ arrives at the store',
  answer: 'the answer to the write of $ arrives',
  loseBefore: 'the write of $ is lost on its way, and its connection breaks',
  loseAfter: 'the write of $ arrives at the store, its answer is lost and the connection breaks',
  throttleWrite: 'the write of $ is throttled',
  repeat: 'the write of $ arrives at the store, and a copy of it stays on the way',
  stray: 'a write that nobody waits for any more arrives at the store',
  die: '$ dies, and another instance takes its place',
  freeze: '$ is frozen',
  thaw: '$ goes on',
  clockAhead: 'the clock of $ jumps ahead by an open period',
  clockBack: 'the clock of $ is set back by an open period',
  forceOpen: 'an operator forces the circuit open',
  forceClosed: 'an operator forces the circuit closed',
  forceOpenShortly: 'an operator forces the circuit open for one open period',
  forceClosedShortly: 'an operator forces the circuit closed for one open period',
  close: 'an operator closes the circuit',
  release: 'an operator releases the override',
  editOverride: 'somebody writes another override into the item by hand',
  editOverrideEnd: "somebody moves the end of the item's override by hand",
  editState: 'somebody writes another state into the item by hand',
  editWait: "somebody makes the item's open period or lease longer by hand",
  editProbe: "somebody takes the probe's owner out of the item by hand",
  nextTimer: 'time passes until the next timer',
  while: 'a while passes',
  period: 'the open period or the lease passes',
} as const;

export type Kind = keyof typeof SENTENCES;
export type Step = number;

const KINDS = Object.keys(SENTENCES) as Kind[];
const CODES = new Map(KINDS.map((kind, code) => [kind, code]));
const MAX_SLOTS = 16;
const MAX_NTH = 16;

/** `nth`: which of the instance's contacts or calls, where it has several under way. */
export function stepOf(kind: Kind, slot = 0, nth = 0): Step {
  return ((CODES.get(kind) as number) * MAX_SLOTS + slot) * MAX_NTH + nth;
}

export function kindOfStep(step: Step): Kind {
  return KINDS[Math.floor(step / (MAX_SLOTS * MAX_NTH))] as Kind;
}

export function slotOf(step: Step): number {
  return Math.floor(step / MAX_NTH) % MAX_SLOTS;
}

export function nthOf(step: Step): number {
  return step % MAX_NTH;
}

/** The step as a sentence. */
export function sentenceOf(step: Step, instanceId: string): string {
  return SENTENCES[kindOfStep(step)].replace('$', instanceId);
}
