import {
  type Breaker,
  type BreakerOptions,
  type CallResult,
  type CircuitStore,
  createBreaker,
  defaultClassify,
  type ExecuteOptions,
} from 'fleet-breaker';
import type { Instance } from './instance.ts';
import type { Monitor } from './monitor.ts';

const READ = {};

type OwnOptions = Omit<BreakerOptions, 'store' | 'clock' | 'instanceId'>;
/** The real library in an instance, driven through its ports and watched by the monitor. */
export class WatchedBreaker {
  readonly breaker: Breaker;
  readonly #instance: Instance;
  readonly #monitor: Monitor;

  constructor(instance: Instance, store: CircuitStore, monitor: Monitor, options: OwnOptions) {
    this.#instance = instance;
    this.#monitor = monitor;
    this.breaker = createBreaker({
      ...options,
      store: watchedStore(instance, store, monitor, options.name),
      instanceId: instance.id,
      clock: instance.clock,
      onTransition: (transition) => {
        monitor.transitionPublished(instance, transition);
        options.onTransition?.(transition);
      },
      onStoreChange: (change) => {
        monitor.storeChanged(instance, change);
        options.onStoreChange?.(change);
      },
    });
  }

  /** As `execute` of the breaker; `call` is told whether it is a probe. */
  async execute<T, F = T>(
    call: (isProbe: boolean) => Promise<T>,
    { fallback, ...options }: ExecuteOptions<F> = {},
  ): Promise<T | F> {
    const monitor = this.#monitor;
    const watched = monitor.callBegins(this.#instance);
    const answered = (result: CallResult) => {
      const isRefused = watched.startedAtMs === undefined;
      monitor.callAnswered(watched, isRefused ? 'refused' : defaultClassify(result));
    };
    const watchedCall = (signal: AbortSignal) => {
      const end = () => monitor.callEnds(watched);
      signal.addEventListener('abort', end, { once: true });
      return call(monitor.callStarts(watched)).finally(end);
    };
    try {
      const value = await this.breaker.execute(watchedCall, options);
      answered({ value });
      return value;
    } catch (error) {
      answered({ error });
      if (fallback) return fallback(error);
      throw error;
    }
  }
}

/** Of copies of the item the monitor is told what they show, and not who writes them. */
function watchedStore(
  instance: Instance,
  store: CircuitStore,
  monitor: Monitor,
  circuit: string,
): CircuitStore {
  const { time } = instance;
  /** The answers so far, by what was asked for: a read, or a certain write. */
  const answers = new WeakMap<object, number>();
  const watch = async <T>(
    asked: object,
    answer: Promise<T>,
    seen: (answer: T, tookMs: number) => void,
  ) => {
    const sentMs = time.elapsedMs;
    const answersSoFar = answers.get(asked) ?? 0;
    try {
      const result = await answer;
      const count = answers.get(asked) ?? 0;
      answers.set(asked, count + 1);
      // What is asked for twice may be answered twice, and the library takes one of the answers.
      const isOnly = count === answersSoFar;
      seen(result, isOnly ? time.elapsedMs - sentMs : Infinity);
      return result;
    } catch (error) {
      monitor.contactFailed(instance, error);
      throw error;
    }
  };
  return {
    read: (name, options) =>
      watch(READ, store.read(name, options), (item, tookMs) => {
        const isCopy = name !== circuit;
        if (item || !isCopy) monitor.answerDelivered(instance, { item, tookMs, isCopy });
      }),
    write(name, write) {
      if (name !== circuit) return watch(write, store.write(name, write), () => {});
      monitor.writeSent(instance, write);
      return watch(write, store.write(name, write), ({ item, applied }, tookMs) =>
        monitor.answerDelivered(instance, { item, tookMs, write, applied }),
      );
    },
  };
}
