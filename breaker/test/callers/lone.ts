/** One breaker in virtual time, given exactly the options that a caller gives it. */
import {
  type Breaker,
  type BreakerOptions,
  type CircuitStore,
  createBreaker,
  type Item,
  memoryStore,
  StoreError,
} from 'fleet-breaker';
import { VirtualTime } from '../../simulation/virtual-time.ts';

export class Lone {
  readonly time = new VirtualTime();
  readonly items: Map<string, Item>;
  readonly warnings: string[] = [];
  readonly breaker: Breaker;
  isStoreDown = false;

  constructor(options: Partial<BreakerOptions> = {}) {
    const store = memoryStore();
    this.items = store.items;
    this.breaker = createBreaker({
      name: 'lone',
      store: this.#failing(store),
      clock: { now: () => this.time.nowMs, after: (ms, run) => this.time.after(ms, run) },
      failureRate: 1,
      // No jitter.
      random: () => 0.5,
      warn: (warning) => this.warnings.push(warning),
      ...options,
    });
  }

  get item(): Item | undefined {
    return this.items.get('lone');
  }

  /** What `execute` comes to, as a word; virtual time passes until then. */
  call(call: () => unknown): Promise<string> {
    const answer = this.breaker.execute(call);
    const word = answer.then(String, (error) => `${error.name}`);
    return this.time.until(word);
  }

  async fail(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await this.call(() => Promise.reject(new Error('no')));
  }

  #failing(store: CircuitStore): CircuitStore {
    const contact = <T>(make: () => Promise<T>): Promise<T> => {
      if (!this.isStoreDown) return make();
      return Promise.reject(new StoreError('unavailable', 'no connection'));
    };
    return {
      read: (name, options) => contact(() => store.read(name, options)),
      write: (name, write) => contact(() => store.write(name, write)),
    };
  }
}
