import type { Instance } from './instance.ts';
import { happens, type Random } from './random.ts';

/**
 * Which of the instances that have room gets a request: any, the one used last, or the one that has
 * waited for longest (in turn). Lambda does not say.
 */
export type Choice = 'random' | 'last used' | 'in turn';

interface PoolOptions {
  readonly choice: Choice;
  /** How many requests an instance serves at once. */
  readonly callsAtOnce: number;
  readonly random: Random;
  readonly start: () => Instance;
}

/** The instances of a fleet under load. One without a request stands still, as on Lambda. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #withRoom: Instance[] = [];
  readonly #load = new Map<Instance, number>();
  readonly #frozen = new WeakSet<Instance>();

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Those that have a request. */
  get busy(): Instance[] {
    return [...this.#load.keys()];
  }

  /** Starts an instance that waits for requests. */
  add(): void {
    this.#withRoom.push(this.#options.start());
  }

  /** Gives a request to an instance; undefined: none has room. */
  take(): Instance | undefined {
    const chosen = this.#choose();
    if (chosen) this.#begin(chosen);
    return chosen;
  }

  /** Starts an instance for one request. */
  startBusy(): Instance {
    const instance = this.#options.start();
    this.#begin(instance);
    return instance;
  }

  /** A request has been answered. */
  release(instance: Instance): void {
    const load = this.#load.get(instance) ?? 0;
    if (load === this.#options.callsAtOnce) this.#withRoom.push(instance);
    if (load > 1) {
      this.#load.set(instance, load - 1);
    } else {
      this.#load.delete(instance);
      instance.pause();
    }
  }

  /** Frozen since it last had nothing to do: it cannot be blamed for being late. */
  wasFrozen(instance: Instance): boolean {
    return this.#frozen.has(instance);
  }

  /** Ends an instance for good, whatever it is doing. */
  kill(): Instance | undefined {
    const victim = this.#anyInstance();
    victim?.kill();
    if (victim) this.#load.delete(victim);
    return victim;
  }

  /** Stops an instance for a time: in the middle of a request, or without one. */
  freeze(ms: number): Instance | undefined {
    const victim = this.#anyInstance();
    if (!victim) return undefined;
    this.#frozen.add(victim);
    victim.freeze(ms, () => {
      if (this.#load.has(victim)) victim.resume();
      else if (!victim.isDead) this.#withRoom.push(victim);
    });
    return victim;
  }

  #begin(instance: Instance): void {
    const load = this.#load.get(instance) ?? 0;
    if (load === 0) {
      this.#frozen.delete(instance);
      instance.resume();
    }
    this.#load.set(instance, load + 1);
    if (load + 1 < this.#options.callsAtOnce) this.#withRoom.push(instance);
  }

  /** Takes one out; `#begin` puts it back if it has room for more. */
  #choose(): Instance | undefined {
    switch (this.#options.choice) {
      case 'last used':
        return this.#withRoom.pop();
      case 'in turn':
        return this.#withRoom.shift();
      case 'random':
        return this.#remove(this.#index(this.#withRoom.length));
    }
  }

  /** At work or waiting with the same probability; a waiting one is taken out of use. */
  #anyInstance(): Instance | undefined {
    const awake = this.busy.filter(({ isPaused }) => !isPaused);
    if (awake.length > 0 && happens(this.#options.random, 0.5))
      return awake[this.#index(awake.length)];
    return this.#remove(this.#index(this.#withRoom.length));
  }

  #index(length: number): number {
    return Math.floor(this.#options.random() * length);
  }

  #remove(index: number): Instance | undefined {
    const chosen = this.#withRoom[index];
    const last = this.#withRoom.pop();
    if (chosen && last && chosen !== last) this.#withRoom[index] = last;
    return chosen;
  }
}
