/**
 * Races between instances, in every order that fast-check can think of: its scheduler decides which
 * request arrives at the store next, which answer comes back next, and which call ends next.
 */
import * as fc from 'fast-check';
import {
  type Breaker,
  type BreakerOptions,
  type CircuitStore,
  createBreaker,
  type Item,
  memoryStore,
  type Transition,
} from 'fleet-breaker';
import { describe, expect, it } from 'vitest';
import { failing, NOW_MS, open, probing } from './support/circuits.ts';
import { runs } from './support/property.ts';

type Ending = 'success' | 'failure';

/** Time passes with every step, so that all calls but the shortest outrun FAIR_SAMPLE_MS. */
const STEP_MS = 7;
const CALL_MS = 300;
const NAME = 'raced';

class Race {
  readonly published: Transition[] = [];
  readonly generations: number[] = [];
  readonly memory = memoryStore();
  records = 0;
  trials = 0;
  mostTrials = 0;
  readonly #scheduler: fc.Scheduler;
  readonly #options: Pick<BreakerOptions, 'failureThreshold' | 'failureRate' | 'probes'>;
  #nowMs = NOW_MS;
  #instances = 0;

  constructor(scheduler: fc.Scheduler, item: Item | undefined, failureThreshold: number, need = 1) {
    this.#scheduler = scheduler;
    this.#options = { failureThreshold, failureRate: 1, probes: { max: 2 * need - 1, need } };
    if (item) this.memory.items.set(NAME, item);
  }

  get item(): Item {
    return this.memory.items.get(NAME) ?? {};
  }

  instance(): Breaker {
    const clock = { now: () => this.#nowMs, after: () => () => {} };
    return createBreaker({
      ...this.#options,
      name: NAME,
      instanceId: `i${this.#instances++}`,
      store: this.#raced(this.memory),
      clock,
      random: () => 0,
      onTransition: (transition) => this.published.push(transition),
      onCall: () => this.records++,
    });
  }

  /** Calls at once, in turn by this many instances. */
  calls(outcomes: readonly Ending[], instances: number): Promise<unknown>[] {
    const breakers = Array.from({ length: instances }, () => this.instance());
    return outcomes.map((ending, i) => this.#call(ending, breakers[i % instances] as Breaker));
  }

  #call(ending: Ending, breaker: Breaker): Promise<unknown> {
    const call = async () => {
      const isTrial = this.item.state !== 'CLOSED';
      if (isTrial) this.mostTrials = Math.max(this.mostTrials, ++this.trials);
      await this.#turn('a call ends', CALL_MS);
      if (isTrial) this.trials--;
      if (ending === 'failure') throw new Error('failed');
    };
    return breaker.execute(call).catch(() => {});
  }

  /** Everything is begun at once; ends when all is done, and checks what always holds. */
  async run(begun: readonly Promise<unknown>[]): Promise<void> {
    const from = Number(this.item.generation ?? 0);
    await this.#scheduler.waitFor(Promise.all(begun));
    const to = Number(this.item.generation ?? 0);
    const published = this.published.map(({ generation }) => generation).sort((a, b) => a - b);
    expect(published).toEqual(Array.from({ length: to - from }, (_, i) => from + 1 + i));
    expect(this.generations).toEqual(this.generations.toSorted((a, b) => a - b));
  }

  #raced(store: CircuitStore): CircuitStore {
    return {
      read: async (name, options) => {
        await this.#turn('a read arrives');
        const item = await store.read(name, options);
        await this.#turn('a read is answered');
        return item;
      },
      write: async (name, write) => {
        await this.#turn(`${write.operation} arrives`);
        const result = await store.write(name, write);
        this.generations.push(Number(this.item.generation));
        await this.#turn(`${write.operation} is answered`);
        return result;
      },
    };
  }

  async #turn(label: string, takesMs = STEP_MS): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label);
    this.#nowMs += takesMs;
  }
}

const endings = fc.array(fc.constantFrom<Ending>('success', 'failure'), {
  minLength: 2,
  maxLength: 6,
});

/** Fewer instances than calls: some make several at once, as a container does. */
const fleetSize = fc.integer({ min: 1, max: 6 });

describe('However instances race', () => {
  const due = { ...open, openUntilMs: NOW_MS, openDurationMs: 5_000 };
  const leaseOver = { ...probing, probeLeaseUntilMs: NOW_MS };

  it.each<[string, Item, number]>([
    ['for the probe', due, 1],
    ['for the probe of one that died', leaseOver, 1],
    ['for three probes', due, 2],
  ])('%s, one is made at a time', async (_, item, need) => {
    const property = fc.asyncProperty(
      fc.scheduler(),
      endings,
      fleetSize,
      async (scheduler, outcomes, instances) => {
        const race = new Race(scheduler, item, 3, need);
        await race.run(race.calls(outcomes, instances));
        expect(race.mostTrials).toBe(1);
        expect(race.records).toBe(outcomes.length);
      },
    );
    await fc.assert(property, runs(100));
  });

  it.each([1, 2, 3, 5])(
    'as many failures as the threshold trip the circuit, once: threshold %i',
    async (threshold) => {
      const more = fc.nat(3);
      const property = fc.asyncProperty(
        fc.scheduler(),
        more,
        fleetSize,
        async (scheduler, extra, instances) => {
          const race = new Race(scheduler, undefined, threshold);
          const outcomes = Array<Ending>(threshold + extra).fill('failure');
          await race.run(race.calls(outcomes, instances));
          expect(race.item).toMatchObject({ state: 'OPEN', generation: 1 });
          expect(race.published).toMatchObject([{ operation: 'trip' }]);
        },
      );
      await fc.assert(property, runs(60));
    },
  );

  it('fewer failures than the threshold never trip it, and it never trips twice', async () => {
    const property = fc.asyncProperty(
      fc.scheduler(),
      endings,
      fleetSize,
      async (scheduler, outcomes, instances) => {
        const race = new Race(scheduler, undefined, 3);
        await race.run(race.calls(outcomes, instances));
        const failures = outcomes.filter((ending) => ending === 'failure').length;
        if (failures < 3) expect(race.published).toEqual([]);
        expect(race.published.length).toBeLessThanOrEqual(1);
        expect(Number(race.item.streakScore ?? 0)).toBeLessThanOrEqual(2);
      },
    );
    await fc.assert(property, runs(150));
  });

  it('with operators, the last override stands and no transition is lost', async () => {
    const requests = fc.array(fc.constantFrom('forceOpen', 'forceClosed', 'release'), {
      minLength: 1,
      maxLength: 3,
    });
    const start = fc.constantFrom<Item>(due, leaseOver, { ...failing, streakScore: 2 });
    const property = fc.asyncProperty(
      fc.scheduler(),
      start,
      endings,
      fleetSize,
      requests,
      async (scheduler, item, outcomes, instances, requested) => {
        const race = new Race(scheduler, item, 3);
        const operators = requested.map((request) =>
          race.instance()[request as 'release'](request),
        );
        await race.run([...race.calls(outcomes, instances), ...operators]);
        const inOrder = race.published.toSorted((a, b) => a.generation - b.generation);
        const last = inOrder.findLast(({ operation }) => /override|release/.test(operation));
        expect(race.item.override).toBe(last?.override);
        expect(race.records).toBe(outcomes.length);
      },
    );
    await fc.assert(property, runs(150));
  });
});
