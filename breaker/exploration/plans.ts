import { OF_CLOCKS, OF_INSTANCES, OF_READS, OF_WRITES } from './kinds.ts';
import { type Plan, RULES } from './plan.ts';
import { OF_PEOPLE } from './plans-of-people.ts';
import { type Outline, startFrom } from './starts.ts';

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
    name: 'a slow return',
    from: 'due',
    options: { ...RULES, rampMs: 1_000, random: () => 0.2 },
    calls: 5,
    passes: 2,
  },
  { name: 'streaks come and go', from: 'failing', calls: 4, passes: 0 },
  {
    name: 'streaks of three come and go',
    from: 'failing',
    options: { ...RULES, failureThreshold: 3 },
    calls: 4,
    passes: 0,
  },
  {
    name: 'streaks are forgiven',
    from: 'failing twice',
    options: { ...RULES, failureThreshold: 3, failureRate: 0.5 },
    calls: 5,
    passes: 0,
  },
  { name: 'clocks jump', from: 'open', calls: 4, passes: 2, faults: 2, mayFail: OF_CLOCKS },
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
    name: 'one probe of two has failed',
    from: 'between probes',
    options: { ...RULES, probes: { max: 2, need: 1 } },
    calls: 3,
    passes: 1,
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
    name: 'one instance, a slow store',
    from: 'due',
    instances: 1,
    isPrompt: false,
    calls: 3,
    passes: 2,
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
    name: 'local mode',
    from: 'failing',
    calls: 4,
    passes: 2,
    faults: 2,
    mayFail: ['callUnread', 'loseBefore', 'throttleWrite'],
  },
  {
    name: 'a slow store, recovered',
    from: 'recovered',
    isPrompt: false,
    calls: 3,
    passes: 2,
    faults: 1,
    mayFail: OF_READS,
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
  ...OF_PEOPLE,
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
