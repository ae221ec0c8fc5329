import { type Plan, RULES } from './plan.ts';
import { type StartName, startFrom } from './starts.ts';
import type { Kind } from './steps.ts';

const OF_INSTANCES: readonly Kind[] = ['die', 'freeze', 'ignore'];
const OF_WRITES: readonly Kind[] = ['loseBefore', 'loseAfter', 'throttleWrite', 'repeat'];
const OF_READS: readonly Kind[] = ['readOld', 'readFails', 'readThrottled'];
const OF_CLOCKS: readonly Kind[] = ['clockAhead', 'clockBack'];
const WORDS: readonly Kind[] = [
  'forceOpen',
  'forceClosed',
  'forceOpenShortly',
  'forceClosedShortly',
  'close',
  'release',
];
const EDITS: readonly Kind[] = [
  'editOverride',
  'editOverrideEnd',
  'editState',
  'editWait',
  'editProbe',
];

type Outline = Pick<Plan, 'name' | 'calls' | 'passes'> &
  Partial<Omit<Plan, 'start'>> & { readonly from: StartName };

const OUTLINES: readonly Outline[] = [
  { name: 'trips and recovers', from: 'never written', calls: 6, passes: 2 },
  { name: 'three trip and recover', from: 'failing', instances: 3, calls: 5, passes: 1 },
  {
    name: 'instances die, freeze',
    from: 'due',
    calls: 5,
    passes: 2,
    faults: 2,
    mayFail: OF_INSTANCES,
  },
  {
    name: 'three probe, one dies',
    from: 'due',
    instances: 3,
    calls: 4,
    passes: 1,
    faults: 1,
    mayFail: OF_INSTANCES,
  },
  { name: 'writes get lost', from: 'failing', calls: 5, passes: 1, faults: 2, mayFail: OF_WRITES },
  {
    name: 'writes of probes get lost',
    from: 'due',
    calls: 4,
    passes: 2,
    faults: 2,
    mayFail: OF_WRITES,
  },
  {
    name: 'a prober is gone',
    from: 'prober gone',
    calls: 4,
    passes: 1,
    faults: 2,
    mayFail: [...OF_INSTANCES, ...OF_WRITES],
  },
  {
    name: 'three failures trip',
    from: 'failing',
    options: { ...RULES, failureThreshold: 3 },
    calls: 5,
    passes: 1,
    faults: 1,
    mayFail: ['repeat', 'loseAfter'],
  },
  {
    name: 'more than half fail',
    from: 'failing for a while',
    options: { ...RULES, failureThreshold: 3, failureRate: 0.5 },
    calls: 5,
    passes: 1,
    faults: 1,
    mayFail: ['repeat', 'loseAfter'],
  },
  {
    name: 'half fail, edits',
    from: 'failing twice',
    options: { ...RULES, failureThreshold: 3, failureRate: 0.5, random: () => 0.05 },
    calls: 4,
    passes: 1,
    words: 1,
    mayBeSaid: EDITS,
  },
  {
    name: 'a slow return',
    from: 'due',
    options: { ...RULES, rampMs: 1_000, random: () => 0.2 },
    calls: 5,
    passes: 2,
  },
  {
    name: 'edits of a streak',
    from: 'failing',
    options: { ...RULES, failureThreshold: 3 },
    calls: 4,
    passes: 0,
    words: 1,
    mayBeSaid: EDITS,
  },
  {
    name: 'an override ran out',
    from: 'forced closed till now',
    options: { ...RULES, failureThreshold: 3 },
    calls: 5,
    passes: 0,
    words: 1,
    mayBeSaid: ['editOverride', 'editOverrideEnd'],
  },
  {
    name: 'an override ran out, open',
    from: 'forced open till now',
    calls: 3,
    passes: 0,
    words: 1,
    mayBeSaid: ['editOverride', 'editOverrideEnd'],
  },
  {
    name: 'operators and edits',
    from: 'forced closed till now',
    calls: 1,
    passes: 0,
    words: 3,
    mayBeSaid: [...WORDS, ...EDITS],
  },
  {
    name: 'operators and edits, half-open',
    from: 'due',
    calls: 2,
    passes: 0,
    words: 3,
    mayBeSaid: [...WORDS, ...EDITS],
  },
  {
    name: 'edits between probes',
    from: 'due',
    options: { ...RULES, probes: { max: 3, need: 2 } },
    calls: 3,
    passes: 0,
    faults: 1,
    mayFail: ['repeat', 'ignore'],
    words: 1,
    mayBeSaid: EDITS,
  },
  { name: 'clocks jump', from: 'open', calls: 4, passes: 2, faults: 2, mayFail: OF_CLOCKS },
  { name: 'operators', from: 'failing', calls: 4, passes: 1, words: 2, mayBeSaid: WORDS },
  {
    name: 'operators, well',
    from: 'well',
    calls: 2,
    passes: 0,
    words: 3,
    mayBeSaid: ['forceClosed', 'release'],
  },
  {
    name: 'operators, failing',
    from: 'failing',
    calls: 2,
    passes: 0,
    words: 3,
    mayBeSaid: ['forceClosed', 'release'],
  },
  {
    name: 'operators, trips at once',
    from: 'well',
    options: { ...RULES, failureThreshold: 1 },
    calls: 2,
    passes: 0,
    words: 3,
    mayBeSaid: ['forceClosed', 'release'],
  },
  { name: 'operators, half-open', from: 'due', calls: 3, passes: 1, words: 2, mayBeSaid: WORDS },
  { name: 'edits', from: 'failing', calls: 4, passes: 0, words: 2, mayBeSaid: EDITS },
  { name: 'edits, half-open', from: 'due', calls: 3, passes: 0, words: 2, mayBeSaid: EDITS },
  {
    name: 'a prober is gone, edits',
    from: 'prober gone',
    calls: 2,
    passes: 0,
    words: 1,
    mayBeSaid: EDITS,
  },
  {
    name: 'two probes of three',
    from: 'due',
    options: { ...RULES, probes: { max: 3, need: 2 } },
    calls: 5,
    passes: 1,
    faults: 1,
    mayFail: ['die', 'ignore', 'loseAfter'],
  },
  {
    name: 'the first failure trips',
    from: 'never written',
    options: { ...RULES, failureThreshold: 1 },
    calls: 4,
    passes: 1,
    faults: 1,
    mayFail: OF_WRITES,
  },
  { name: 'slow store, closed', from: 'failing', isPrompt: false, calls: 3, passes: 1 },
  { name: 'slow store, half-open', from: 'due', isPrompt: false, calls: 3, passes: 2 },
  {
    name: 'reads are old or fail',
    from: 'due',
    isPrompt: false,
    calls: 3,
    passes: 1,
    faults: 1,
    mayFail: OF_READS,
  },
  {
    name: 'reads are late and old',
    from: 'open',
    instances: 1,
    isPrompt: false,
    calls: 3,
    passes: 3,
    faults: 1,
    mayFail: ['readOld'],
  },
  {
    name: 'an operator, a slow store',
    from: 'failing',
    instances: 1,
    isPrompt: false,
    calls: 2,
    passes: 2,
    words: 1,
    mayBeSaid: ['close', 'forceOpenShortly'],
  },
  {
    name: 'local mode',
    from: 'failing',
    calls: 4,
    passes: 2,
    faults: 2,
    mayFail: ['callUnread', 'loseBefore', 'throttleWrite'],
  },
  {
    name: 'local mode and operators',
    from: 'failing',
    calls: 3,
    passes: 2,
    faults: 1,
    mayFail: ['callUnread', 'loseBefore'],
    words: 1,
    mayBeSaid: ['close', 'forceOpenShortly', 'forceClosed'],
  },
  {
    name: 'a store out of reach',
    from: 'failing',
    isPrompt: false,
    calls: 4,
    passes: 2,
    faults: 2,
    mayFail: ['readFails', 'loseBefore', 'loseAfter', 'throttleWrite'],
  },
];

/** All plans, the two instances of which are as they are unless stated. */
export function allPlans(): Plan[] {
  return OUTLINES.map(({ from, ...outline }) => {
    const { options = RULES } = outline;
    return {
      instances: 2,
      isPrompt: true,
      faults: 0,
      words: 0,
      mayFail: [],
      mayBeSaid: [],
      ...outline,
      options,
      start: startFrom(from, options),
    };
  });
}

export function planNames(): string[] {
  return OUTLINES.map(({ name }) => name);
}
