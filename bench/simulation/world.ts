import { EventLoop } from './event-loop.ts';
import { type DownstreamCall, Instance } from './instance.ts';
import { SimulatedItem } from './item.ts';
import { Monitor } from './monitor.ts';
import type { Gate, Outcome, Policy, Rules } from './policy.ts';
import { between, exponential, happens, logNormal, type Random, randomStream } from './random.ts';
import type { StoreConditions } from './store-conditions.ts';

export interface World {
  readonly ratePerS: number;
  /** Instances that are there at the start. */
  readonly instances: number;
  /**
   * Which idle instance gets a request: any, the one used last, or the one that has been idle for
   * longest (in turn). Lambda does not say.
   */
  readonly choice: 'random' | 'last used' | 'in turn';
  /** Requests arrive until then. */
  readonly untilMs: number;
  readonly phases: readonly Phase[];
  readonly rules: Rules;
  /** Default: at its best. */
  readonly store?: StoreConditions;
  readonly maxSkewMs?: number;
  /** Faults of instances: called once, at the start. */
  readonly disturb?: (fleet: Fleet, loop: EventLoop, random: Random) => void;
}

/** How the downstream behaves for calls that start in this time; healthy in no phase. */
export interface Phase {
  readonly fromMs: number;
  readonly untilMs: number;
  /** hang: no answer; fail: an error soon; flaky: an error for `errorShare`, at the usual time. */
  readonly kind: 'hang' | 'fail' | 'flaky';
  readonly errorShare?: number;
}

export interface ServedRequest {
  readonly arrivedMs: number;
  readonly tookMs: number;
  readonly outcome: Outcome;
}

export interface Run {
  readonly requests: readonly ServedRequest[];
  readonly calls: readonly DownstreamCall[];
  readonly coldStartsMs: readonly number[];
  readonly item: SimulatedItem;
  readonly monitor: Monitor;
}

/** Half of the healthy answers take longer; with the spread, one in twenty takes a third longer. */
export const ANSWER_MS = 50;
const ANSWER_SPREAD = 0.19;
export const FAST_FAILURE_MS = [5, 15] as const;
export const COLD_START_MS = 250;
/** Beyond the call timeout: every store contact of one request at its budget. */
const MAX_OVERHEAD_MS = 2_000;
const DRAIN_MS = 10_000;
const FAILURE = new Error('simulated: the downstream failed');

/** Runs a fleet under one policy. The same seed brings the same requests to every policy. */
export async function simulate(world: World, policy: Policy, seed: number): Promise<Run> {
  const loop = new EventLoop();
  const fleet = new Fleet(loop, world, policy, seed);
  const arrivals = randomStream(seed, 'arrivals');
  const requests: ServedRequest[] = [];
  const serve = async (instance: Instance, gate: Gate, drawn: Drawn, arrivedMs: number) => {
    const startedMs = loop.nowMs;
    const outcome = await gate((isProbe = false) => fleet.call(instance, drawn, isProbe));
    requests.push({ arrivedMs, tookMs: loop.nowMs - arrivedMs, outcome });
    const isLate = loop.nowMs - startedMs > world.rules.callTimeoutMs + MAX_OVERHEAD_MS;
    if (policy.isWatched && isLate && !instance.wasFrozen)
      fleet.monitor.broken(`${instance.id} took ${loop.nowMs - startedMs} ms for one request`);
    fleet.release(instance);
  };
  const arrive = () => {
    loop.after(exponential(arrivals, 1_000 / world.ratePerS), () => {
      if (loop.nowMs >= world.untilMs) return;
      arrive();
      const drawn = draw(arrivals);
      const arrivedMs = loop.nowMs;
      fleet.take((instance, gate) => {
        serve(instance, gate, drawn, arrivedMs).catch((error) => loop.fail(error));
      });
    });
  };
  arrive();
  world.disturb?.(fleet, loop, randomStream(seed, 'disturbances'));
  await loop.runUntil(world.untilMs + DRAIN_MS);
  const { busy, calls, coldStartsMs, item, monitor } = fleet;
  const [stuck] = busy;
  if (stuck) throw monitor.violation(`${stuck.id} never answered`);
  const generation = Number(item.latest?.generation ?? 0);
  const isUndisturbed = !world.store && !world.disturb;
  if (policy.isWatched && isUndisturbed && monitor.told.size !== generation)
    throw monitor.violation(`${monitor.told.size} transitions were told, ${generation} made`);
  return { requests, calls, coldStartsMs, item, monitor };
}

/** What chance has in store for a request, drawn at its arrival. */
interface Drawn {
  readonly answerMs: number;
  readonly fastFailureMs: number;
  readonly luck: number;
}

function draw(random: Random): Drawn {
  const answerMs = logNormal(random, ANSWER_MS, ANSWER_SPREAD);
  return { answerMs, fastFailureMs: between(random, ...FAST_FAILURE_MS), luck: random() };
}

/** The instances and what they share: the item, and the downstream they call. */
export class Fleet {
  readonly busy = new Set<Instance>();
  readonly calls: DownstreamCall[] = [];
  readonly coldStartsMs: number[] = [];
  readonly item: SimulatedItem;
  readonly monitor: Monitor;
  readonly #idle: Instance[] = [];
  readonly #gates = new Map<Instance, Gate>();
  readonly #loop: EventLoop;
  readonly #world: World;
  readonly #policy: Policy;
  readonly #seed: number;
  readonly #random: Random;
  #started = 0;

  constructor(loop: EventLoop, world: World, policy: Policy, seed: number) {
    this.#loop = loop;
    this.#world = world;
    this.#policy = policy;
    this.#seed = seed;
    this.#random = randomStream(seed, 'fleet');
    this.item = new SimulatedItem(loop, randomStream(seed, 'item'), world.store ?? {});
    this.monitor = new Monitor(loop, world.rules.failureThreshold);
    for (let i = 0; i < world.instances; i++) this.#idle.push(this.#start());
  }

  /** Hands an instance to `use`: an idle one, or a new one once it has started. */
  take(use: (instance: Instance, gate: Gate) => void): void {
    const begin = (instance: Instance) => {
      instance.wasFrozen = false;
      instance.resume();
      this.busy.add(instance);
      use(instance, this.#gates.get(instance) as Gate);
    };
    const idle = this.#takeIdle();
    if (idle) {
      begin(idle);
      return;
    }
    this.coldStartsMs.push(this.#loop.nowMs);
    this.#loop.after(COLD_START_MS, () => begin(this.#start()));
  }

  release(instance: Instance): void {
    this.busy.delete(instance);
    instance.pause();
    this.#idle.push(instance);
  }

  call(instance: Instance, drawn: Drawn, isProbe: boolean): Promise<void> {
    const { nowMs } = this.#loop;
    const { rules, phases } = this.#world;
    const phase = phases.find(({ fromMs, untilMs }) => nowMs >= fromMs && nowMs < untilMs);
    const hasFailed = phase !== undefined && drawn.luck < (phase.errorShare ?? 1);
    const answerMs = phase?.kind === 'fail' ? drawn.fastFailureMs : drawn.answerMs;
    const tookMs = phase?.kind === 'hang' ? rules.callTimeoutMs : answerMs;
    const call = { by: instance.id, startedMs: nowMs, endsMs: nowMs + tookMs, hasFailed, isProbe };
    this.calls.push(call);
    instance.latestCall = call;
    return new Promise((resolve, reject) => {
      if (phase?.kind === 'hang') return;
      const settle = hasFailed ? () => reject(FAILURE) : resolve;
      this.#loop.after(tookMs, () => instance.deliver(settle));
    });
  }

  /** Ends an instance for good, whatever it is doing. */
  kill(): void {
    const victim = this.#anyInstance();
    if (!victim) return;
    this.monitor.note(victim.id, 'is killed');
    victim.isDead = true;
    this.busy.delete(victim);
    this.#gates.delete(victim);
  }

  /** Stops an instance for a time: in the middle of a request, or without one. */
  freeze(forMs: number): void {
    const victim = this.#anyInstance();
    if (!victim) return;
    this.monitor.note(victim.id, `is frozen for ${Math.round(forMs)} ms`);
    victim.wasFrozen = true;
    victim.pause();
    this.#loop.after(forMs, () => {
      if (this.busy.has(victim)) victim.resume();
      else if (!victim.isDead) this.#idle.push(victim);
    });
  }

  #start(): Instance {
    const id = `i${++this.#started}`;
    const { maxSkewMs = 0, rules } = this.#world;
    const skewMs = happens(this.#random, 0.3) ? between(this.#random, -maxSkewMs, maxSkewMs) : 0;
    const instance = new Instance(this.#loop, id, skewMs);
    const random = randomStream(this.#seed, id);
    const { item, monitor } = this;
    this.#gates.set(instance, this.#policy.start({ instance, item, random, monitor }, rules));
    return instance;
  }

  #takeIdle(): Instance | undefined {
    if (this.#world.choice === 'last used') return this.#idle.pop();
    if (this.#world.choice === 'in turn') return this.#idle.shift();
    return this.#removeIdle(Math.floor(this.#random() * this.#idle.length));
  }

  /** Busy or idle with the same probability; an idle one is taken out of use. */
  #anyInstance(): Instance | undefined {
    const awake = [...this.busy].filter(({ isPaused }) => !isPaused);
    if (awake.length > 0 && happens(this.#random, 0.5))
      return awake[Math.floor(this.#random() * awake.length)];
    return this.#removeIdle(Math.floor(this.#random() * this.#idle.length));
  }

  #removeIdle(index: number): Instance | undefined {
    const chosen = this.#idle[index];
    const last = this.#idle.pop();
    if (chosen && last && chosen !== last) this.#idle[index] = last;
    return chosen;
  }
}
