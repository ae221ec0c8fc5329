import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Behaviour, Fleet, type FleetInstance } from '../simulation/fleet.ts';
import type { Monitor } from '../simulation/monitor.ts';
import type { Fault } from '../simulation/store-path.ts';
import { replay, runs } from './support/property.ts';

const OPTIONS = {
  failureThreshold: 3,
  callTimeoutMs: 1_000,
  openMs: 1_000,
  maxOpenMs: 4_000,
  streakWindowMs: 30_000,
};
const LEASE_MS = 2_000;
const INSTANCES = 4;
/** Beyond the longest open period and lease, with their jitter, and a call. */
const RECOVERY_MS = 1.1 * OPTIONS.maxOpenMs + LEASE_MS + 2 * 250 + 1_000;
const LONGEST_STORE_BACKOFF_MS = 30_000;
/** First read, two claims, the call, its report: every one at its budget, each write twice. */
const LONGEST_EXECUTE_MS = 500 + 4 * 120 + OPTIONS.callTimeoutMs + 60 + 6 * 120;

/** All that the model knows: how the downstream does. Everything else is the monitor's to judge. */
interface Model {
  downstream: Behaviour;
}

/** The system under test, and what the commands need to work on it. */
class Real {
  readonly fleet: Fleet;
  readonly slots: FleetInstance[] = [];
  readonly busy = new Map<FleetInstance, number>();
  readonly begun = new Map<FleetInstance, number>();

  constructor(skewsMs: readonly number[], more: { probes?: { max: number; need: number } }) {
    this.fleet = new Fleet({ ...OPTIONS, ...more });
    for (const skewMs of skewsMs) this.slots.push(this.born(skewMs));
  }

  get monitor(): Monitor {
    return this.fleet.monitor;
  }

  born(skewMs: number): FleetInstance {
    const instance = this.fleet.add();
    instance.skewMs = skewMs;
    return instance;
  }

  at(slot: number): FleetInstance {
    return this.slots[slot % this.slots.length] as FleetInstance;
  }

  replace(slot: number): void {
    const old = this.at(slot);
    old.kill();
    this.busy.delete(old);
    this.slots[slot % this.slots.length] = this.born(old.skewMs);
  }

  /** Begins a call unless this instance is at one: a Lambda instance has one at a time. */
  begin(instance: FleetInstance, behaviour: Behaviour): void {
    if (this.busy.has(instance) || instance.isFrozen) return;
    this.busy.set(instance, instance.awakeMs);
    this.begun.set(instance, (this.begun.get(instance) ?? 0) + 1);
    instance.begin(behaviour).then(
      () => this.busy.delete(instance),
      (error) => this.monitor.problems.push(`I6: ${instance.id} got ${error}`),
    );
  }

  checkPatience(): void {
    for (const [instance, sinceMs] of this.busy)
      if (instance.awakeMs - sinceMs > LONGEST_EXECUTE_MS)
        this.monitor.problems.push(`I6: ${instance.id} has not answered`);
  }

  async traffic(ms: number, behaviour: Behaviour): Promise<void> {
    const stepMs = 60;
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      for (const instance of this.slots) this.begin(instance, behaviour);
      await this.fleet.time.run(stepMs);
    }
  }
}

type Step = fc.AsyncCommand<Model, Real>;

const step = (name: string, run: (model: Model, real: Real) => Promise<void>): Step => ({
  check: () => true,
  toString: () => name,
  async run(model, real) {
    await run(model, real);
    real.checkPatience();
    expect(real.monitor.problems).toEqual([]);
  },
});

const behaviour = fc.record({
  does: fc.constantFrom<Behaviour['does']>('succeed', 'fail', 'fail', 'hang', 'answer404'),
  afterMs: fc.constantFrom(5, 20, 240, 260, 700),
});
const slot = fc.nat(INSTANCES - 1);
const fault = fc.constantFrom<Fault>('throttled', 'down', 'silent', 'answerLost');

const commands = [
  behaviour.map((b) =>
    step(`downstream(${b.does} after ${b.afterMs})`, async (model) => {
      model.downstream = b;
    }),
  ),
  fc
    .integer({ min: 1, max: 3_000 })
    .map((ms) => step(`traffic(${ms})`, (model, real) => real.traffic(ms, model.downstream))),
  fc.tuple(slot, behaviour).map(([i, b]) =>
    step(`call(${i}, ${b.does} after ${b.afterMs})`, async (_, real) => {
      real.begin(real.at(i), b);
      await real.fleet.time.run(1);
    }),
  ),
  fc
    .integer({ min: 1, max: 8_000 })
    .map((ms) => step(`pass(${ms})`, (_, real) => real.fleet.time.run(ms))),
  fc.tuple(slot, fault, fc.constantFrom('reads', 'writes', 'all')).map(([i, f, which]) =>
    step(`fault(${i}, ${f}, ${which})`, async (_, real) => {
      real.at(i).fault = (write) =>
        which === 'all' || (which === 'writes') === (write !== undefined) ? f : undefined;
    }),
  ),
  fc.tuple(slot, fc.constantFrom(4, 30, 1_000)).map(([i, ms]) =>
    step(`latency(${i}, ${ms})`, async (_, real) => {
      real.at(i).latencyMs = ms;
    }),
  ),
  slot.map((i) => step(`heal(${i})`, async (_, real) => heal(real.at(i)))),
  slot.map((i) => step(`kill(${i})`, async (_, real) => real.replace(i))),
  fc
    .tuple(slot, fc.integer({ min: 1, max: 20_000 }))
    .map(([i, ms]) => step(`freeze(${i}, ${ms})`, async (_, real) => real.at(i).freeze(ms))),
  fc.constantFrom('forceOpen', 'forceClosed', 'release').map((request) =>
    step(request, async (_, real) => {
      const { breaker } = real.fleet.add();
      await real.fleet.time.until(breaker[request as 'forceOpen'](request));
    }),
  ),
];

function heal(instance: FleetInstance): void {
  instance.fault = () => undefined;
  instance.latencyMs = 4;
}

/** Everything works again: the fleet has to be well soon, and then to have kept its accounts. */
async function recovers(real: Real): Promise<void> {
  const { fleet, monitor } = real;
  for (const instance of real.slots) heal(instance);
  await fleet.time.run(20_000);
  await fleet.time.until(fleet.add().breaker.release());
  real.slots.push(real.born(0));
  await real.traffic(RECOVERY_MS, { does: 'succeed' });
  const { state = 'CLOSED' } = await fleet.item();
  expect(state, 'I7: the circuit').toBe('CLOSED');
  await fleet.time.run(LONGEST_STORE_BACKOFF_MS);
  for (const instance of real.slots)
    expect(await instance.call({ does: 'succeed' })).toBe('success');
  monitor.checkPublished();
  for (const [instance, begun] of real.begun) {
    const records = instance.records.length;
    const isAccountedFor = instance.isDead ? records <= begun : records === begun + 1;
    if (!isAccountedFor)
      monitor.problems.push(`I6: ${instance.id} began ${begun} calls, published ${records}`);
  }
  expect(monitor.problems).toEqual([]);
}

const fleets = {
  'of instances with the right time': [{ skewsMs: [0, 0, 0, 0] }],
  'of instances whose clocks are a minute wrong': [{ skewsMs: [0, 60_000, -60_000, 0] }],
  'that probes three times': [{ skewsMs: [0, 0, 0, 0], probes: { max: 3, need: 2 } }],
} as const;

describe('Whatever happens to a fleet, it keeps its promises', () => {
  it.each(Object.entries(fleets))('%s', async (_, [{ skewsMs, ...more }]) => {
    const plan = fc.commands(commands, { maxCommands: 40, size: 'max', ...replay });
    const property = fc.asyncProperty(plan, async (steps) => {
      const real = new Real(skewsMs, more);
      const setup = () => ({ model: { downstream: { does: 'fail' } } as Model, real });
      await fc.asyncModelRun(setup, steps);
      await recovers(real);
    });
    await fc.assert(property, runs(40));
  });
});
