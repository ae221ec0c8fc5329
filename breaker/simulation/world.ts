import type { CallOutcome } from 'fleet-breaker';
import {
  type Answers,
  Downstream,
  type DownstreamCall,
  type Drawn,
  draw,
  type Fragility,
  type Limit,
  type Phase,
} from './downstream.ts';
import { Instance } from './instance.ts';
import { Monitor } from './monitor.ts';
import type { Guard, Policy, Rules } from './policy.ts';
import { type Choice, Pool } from './pool.ts';
import { between, exponential, happens, type Random, randomStream } from './random.ts';
import { SharedItem } from './shared-item.ts';
import { pathUnder, type StoreConditions } from './store-conditions.ts';
import { VirtualTime } from './virtual-time.ts';

export interface World {
  readonly ratePerS: number;
  /** Instances that are there at the start. */
  readonly instances: number;
  readonly choice: Choice;
  /** How many requests an instance serves at once. Default 1. */
  readonly callsAtOnce?: number;
  /** Requests arrive until then. */
  readonly untilMs: number;
  readonly phases: readonly Phase[];
  readonly answers?: Answers;
  readonly limit?: Limit;
  readonly fragility?: Fragility;
  readonly rules: Rules;
  /** Default: at its best. */
  readonly store?: StoreConditions;
  readonly maxSkewMs?: number;
  /** Faults of instances: called once, at the start. */
  readonly disturb?: (fleet: LoadedFleet, random: Random) => void;
}

export interface ServedRequest {
  readonly arrivedMs: number;
  readonly tookMs: number;
  readonly outcome: CallOutcome;
}

export interface Run {
  readonly requests: readonly ServedRequest[];
  readonly calls: readonly DownstreamCall[];
  readonly coldStartsMs: readonly number[];
  readonly item: SharedItem;
  readonly monitor: Monitor;
}

export const COLD_START_MS = 250;
/** Beyond the call timeout: every store contact of one request at its budget. */
const MAX_OVERHEAD_MS = 2_000;
const DRAIN_MS = 10_000;
const STREAK_WINDOW_MS = 30_000;

/** Runs a fleet under one policy. The same seed brings the same requests to every policy. */
export async function simulate(world: World, policy: Policy, seed: number): Promise<Run> {
  const fleet = new LoadedFleet(world, policy, seed);
  fleet.beginTraffic();
  world.disturb?.(fleet, randomStream(seed, 'disturbances'));
  await fleet.time.run(world.untilMs + DRAIN_MS);
  fleet.checkEnd();
  return fleet;
}

/** Instances under Poisson traffic, and what they share: the item, and the downstream they call. */
export class LoadedFleet implements Run {
  readonly time = new VirtualTime();
  readonly requests: ServedRequest[] = [];
  readonly coldStartsMs: number[] = [];
  readonly item: SharedItem;
  readonly monitor: Monitor;
  readonly #downstream: Downstream;
  readonly #pool: Pool;
  readonly #guards = new WeakMap<Instance, Guard>();
  readonly #world: World;
  readonly #policy: Policy;
  readonly #seed: number;
  readonly #arrivals: Random;
  readonly #random: Random;
  #started = 0;

  constructor(world: World, policy: Policy, seed: number) {
    const { time } = this;
    this.#world = world;
    this.#policy = policy;
    this.#seed = seed;
    this.#arrivals = randomStream(seed, 'arrivals');
    this.#random = randomStream(seed, 'fleet');
    const itemRandom = randomStream(seed, 'item');
    const { store = {}, choice, callsAtOnce = 1 } = world;
    const rules = { ...world.rules, ...policy.rules };
    this.item = new SharedItem(
      time,
      itemRandom,
      (by) => pathUnder(store, by, itemRandom),
      store.maxLagMs,
    );
    this.monitor = new Monitor(
      {
        failureRate: 1,
        rampMs: 0,
        ...rules,
        time,
        streakWindowMs: STREAK_WINDOW_MS,
        maxProbes: policy.maxProbes ?? 1,
      },
      (violation) => time.fail(violation),
    );
    this.#downstream = new Downstream(time, { ...world, callTimeoutMs: rules.callTimeoutMs });
    const start = () => this.#start();
    this.#pool = new Pool({ choice, callsAtOnce, random: this.#random, start });
    for (let i = 0; i < world.instances; i++) this.#pool.add();
  }

  get calls(): readonly DownstreamCall[] {
    return this.#downstream.calls;
  }

  beginTraffic(): void {
    this.time.after(exponential(this.#arrivals, 1_000 / this.#world.ratePerS), () => {
      if (this.time.elapsedMs >= this.#world.untilMs) return;
      this.beginTraffic();
      this.#arrive(draw(this.#arrivals, this.#world.answers));
    });
  }

  /** One of the copies of the item is deleted. */
  loseCopy(): void {
    const { copies } = this.item;
    const lost = copies[Math.floor(this.#random() * copies.length)];
    if (lost === undefined) return;
    this.item.lose(lost);
    this.monitor.copyLost(lost);
  }

  kill(): void {
    const victim = this.#pool.kill();
    if (victim) this.monitor.note(victim.id, 'is killed');
  }

  freeze(forMs: number): void {
    const victim = this.#pool.freeze(forMs);
    if (victim) this.monitor.note(victim.id, `is frozen for ${Math.round(forMs)} ms`);
  }

  /** What has to be true when everybody had time to end. */
  checkEnd(): void {
    const [stuck] = this.#pool.busy;
    if (stuck) throw this.monitor.violation(`I6: ${stuck.id} never answered`);
    if (!this.#policy.isWatched) return;
    this.monitor.checkPublished();
    const [problem] = this.monitor.problems;
    if (problem) throw this.monitor.violation(problem);
    const isUndisturbed = !this.#world.store && !this.#world.disturb;
    const { size } = this.monitor.published;
    const generation = Number(this.item.latest?.generation ?? 0);
    if (isUndisturbed && size !== generation)
      throw this.monitor.violation(`I5: ${size} transitions published, ${generation} made`);
  }

  #arrive(drawn: Drawn): void {
    const arrivedMs = this.time.elapsedMs;
    const serve = (instance: Instance) => {
      this.#serve(instance, drawn, arrivedMs).catch((error) => this.time.fail(error));
    };
    const instance = this.#pool.take();
    if (instance) {
      serve(instance);
      return;
    }
    this.coldStartsMs.push(arrivedMs);
    this.time.after(COLD_START_MS, () => serve(this.#pool.startBusy()));
  }

  async #serve(instance: Instance, drawn: Drawn, arrivedMs: number): Promise<void> {
    const startedMs = this.time.elapsedMs;
    const guard = this.#guards.get(instance) as Guard;
    const outcome = await guard((isProbe = false) =>
      this.#downstream.call(instance, drawn, isProbe),
    );
    const { elapsedMs } = this.time;
    this.requests.push({ arrivedMs, tookMs: elapsedMs - arrivedMs, outcome });
    const tookMs = elapsedMs - startedMs;
    const isLate = tookMs > this.#world.rules.callTimeoutMs + MAX_OVERHEAD_MS;
    if (this.#policy.isWatched && isLate && !this.#pool.wasFrozen(instance))
      this.monitor.broken(`I6: ${instance.id} took ${tookMs} ms for one request`);
    this.#pool.release(instance);
  }

  #start(): Instance {
    const id = `i${++this.#started}`;
    const { maxSkewMs = 0, rules } = this.#world;
    const skewMs = happens(this.#random, 0.3) ? between(this.#random, -maxSkewMs, maxSkewMs) : 0;
    const instance = new Instance(this.time, id, skewMs);
    const { item, monitor } = this;
    const random = randomStream(this.#seed, id);
    this.#guards.set(instance, this.#policy.start({ instance, item, random, monitor }, rules));
    return instance;
  }
}
