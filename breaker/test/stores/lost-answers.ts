/** Writes that were applied though their answer never came, through the real breaker. */
import { expect, it } from 'vitest';
import { type Breaker, createBreaker, StoreError, type Transition } from '../../src/index.ts';
import type { CircuitStore } from '../../src/ports.ts';
import { BETWEEN_PROBES, DUE_TO_TRIP, FAILING, NOW, OPEN, PROBING } from './cases.ts';
import { type Harness, newName } from './harness.ts';

interface Loss {
  /** The write whose first answer is lost. */
  readonly operation: string;
  readonly stored?: object;
  readonly act: 'succeed' | 'fail' | 'forceOpen';
  readonly leaves: object;
  readonly writes: readonly string[];
  /** The fleet's transitions that the instance publishes. */
  readonly published: readonly string[];
}

/** A counter is not repeated: nobody can tell whether it would count twice. */
const COUNTERS: readonly Loss[] = [
  {
    operation: 'openStreak',
    act: 'fail',
    leaves: { streakId: 1, streakScore: 1 },
    writes: ['openStreak'],
    published: [],
  },
  {
    operation: 'countFailure',
    stored: FAILING,
    act: 'fail',
    leaves: { streakId: 4, streakScore: 2 },
    writes: ['countFailure'],
    published: [],
  },
];

/** Anything else is, and its own result shows it that it was applied. */
const REPEATED: readonly Loss[] = [
  {
    operation: 'trip',
    stored: DUE_TO_TRIP,
    act: 'fail',
    leaves: { state: 'OPEN', generation: 8 },
    writes: ['trip', 'trip'],
    published: ['trip'],
  },
  {
    operation: 'clearStreak',
    stored: DUE_TO_TRIP,
    act: 'succeed',
    leaves: { state: 'CLOSED', generation: 7, reason: 'succeeded again' },
    writes: ['clearStreak', 'clearStreak'],
    published: [],
  },
  {
    operation: 'claimProbe',
    stored: OPEN,
    act: 'succeed',
    leaves: { state: 'HALF_OPEN', generation: 8, probesIssued: 1, probesOk: 1 },
    writes: ['claimProbe', 'claimProbe', 'reportProbe'],
    published: ['claimProbe'],
  },
  {
    operation: 'reportProbe',
    stored: OPEN,
    act: 'succeed',
    leaves: { state: 'HALF_OPEN', generation: 8, probesIssued: 1, probesOk: 1 },
    writes: ['claimProbe', 'reportProbe', 'reportProbe'],
    published: ['claimProbe'],
  },
  {
    operation: 'nextProbe',
    stored: BETWEEN_PROBES,
    act: 'succeed',
    leaves: { state: 'CLOSED', generation: 8 },
    writes: ['nextProbe', 'nextProbe', 'recover'],
    published: ['recover'],
  },
  {
    operation: 'takeOverProbe',
    stored: PROBING,
    act: 'succeed',
    leaves: { state: 'HALF_OPEN', generation: 8, probesIssued: 1, probesOk: 1 },
    writes: ['takeOverProbe', 'takeOverProbe', 'reportProbe'],
    published: ['takeOverProbe'],
  },
  {
    operation: 'recover',
    stored: BETWEEN_PROBES,
    act: 'succeed',
    leaves: { state: 'CLOSED', generation: 8 },
    writes: ['nextProbe', 'recover', 'recover'],
    published: ['recover'],
  },
  {
    operation: 'reopen',
    stored: { ...BETWEEN_PROBES, probesIssued: 2, probesFailed: 1 },
    act: 'fail',
    leaves: { state: 'OPEN', generation: 8, reopenings: 3 },
    writes: ['nextProbe', 'reopen', 'reopen'],
    published: ['reopen'],
  },
  {
    operation: 'override',
    stored: FAILING,
    act: 'forceOpen',
    leaves: { override: 'FORCED_OPEN', generation: 8 },
    writes: ['override', 'override'],
    published: ['override'],
  },
];

export function survivesLostAnswers(harness: () => Harness): void {
  it.each([...COUNTERS, ...REPEATED])(
    'has its effect once when the answer of $operation is lost',
    async (loss) => {
      const { stored, operation, act, leaves, writes, published } = loss;
      const { store, put, get } = harness();
      const name = newName();
      await put(name, stored);
      const run = instance(name, store, { operation, answers: 1 });
      await ACTS[act](run.breaker);
      expect(await get(name)).toMatchObject(leaves);
      expect(run.writes).toEqual(writes);
      expect(run.published).toEqual(published);
    },
  );

  it('publishes a transition once when it observes it, if the repetition was not answered either', async () => {
    const { store, put } = harness();
    const name = newName();
    await put(name, DUE_TO_TRIP);
    const run = instance(name, store, { operation: 'trip', answers: 2 });
    await ACTS.fail(run.breaker);
    expect(run.published).toEqual([]);
    await run.breaker.status();
    await run.breaker.status();
    expect(run.published).toEqual(['trip']);
  });
}

/** An instance at `NOW` whose store loses the answers to the first writes of one operation. */
function instance(name: string, store: CircuitStore, lost: { operation: string; answers: number }) {
  const writes: string[] = [];
  const published: string[] = [];
  const losing: CircuitStore = {
    read: store.read,
    async write(circuit, write) {
      writes.push(write.operation);
      const result = await store.write(circuit, write);
      if (write.operation === lost.operation && lost.answers-- > 0)
        throw new StoreError('unavailable', 'the answer was lost');
      return result;
    },
  };
  const breaker = createBreaker({
    name,
    store: losing,
    failureThreshold: 3,
    failureRate: 1,
    probes: { max: 3, need: 2 },
    instanceId: 'me',
    clock: { now: () => NOW, after: () => () => {} },
    random: () => 0,
    onStoreChange: () => {},
    onTransition: ({ operation, scope }: Transition) => {
      if (scope === 'fleet') published.push(operation);
    },
  });
  return { breaker, writes, published };
}

const ACTS = {
  succeed: (breaker: Breaker) => breaker.execute(() => 'fine'),
  fail: (breaker: Breaker) =>
    breaker.execute(() => Promise.reject(new Error()), { fallback: () => 'failed' }),
  forceOpen: (breaker: Breaker) => breaker.forceOpen('test'),
};
