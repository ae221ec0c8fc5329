import type { Call } from './call.ts';
import { decisionContexts, type NewContext } from './decision-contexts.ts';
import { checkWrap, type ExecuteOptions, NO_OPTIONS, type WrapOptions } from './execute-options.ts';
import { Executor } from './executor.ts';
import { Replica } from './fleet/replica.ts';
import { Gate } from './gate.ts';
import { Operator } from './operator.ts';
import type { Settings } from './options.ts';
import type { CircuitStatus } from './ports.ts';
import { admit } from './protocol/admit.ts';
import { describeCircuit } from './status.ts';

/** One circuit, as one instance guards its calls with it. */
export interface Breaker {
  /**
   * Reads the circuit ahead of a call, if the call would have to. Work to do
   * before the protected call then hides the time of the read. Never rejects,
   * and need not be awaited.
   *
   * @example
   * const prefetched = breaker.prefetch();
   * const product = await getProduct(id);
   * const items = await breaker.execute(getItems, { prefetched });
   */
  prefetch(): Promise<void>;

  /**
   * Makes the call if the circuit lets it, and answers with its value. The
   * result is reported before this returns, because Lambda freezes an instance
   * once it has answered.
   *
   * Rejects with CircuitOpenError (refused), CallTimeoutError (too slow, or no
   * time left) or what the call threw, unless there is a fallback; with the
   * reason of `signal` once that is aborted; with TypeError if it is called with
   * what it cannot use, and then nothing is made or counted.
   *
   * @example
   * const items = await breaker.execute(
   *   (signal) => fetch(url, { signal }).then((answer) => answer.json()),
   *   {
   *     fallback: () => [],
   *     remainingMs: () => context.getRemainingTimeInMillis(),
   *   },
   * );
   */
  execute<T, F = T>(call: Call<T>, options?: ExecuteOptions<F>): Promise<T | F>;

  /**
   * A function that makes the call through `execute`, with its own arguments. `call` is given the
   * signal before them. Options that belong to one invocation, such as `remainingMs`, are given
   * where that is at hand: to wrap a function costs nothing.
   *
   * @example
   * const getItems = breaker.wrap(
   *   (signal, id: string) => fetch(`${url}/${id}`, { signal }).then((answer) => answer.json()),
   *   { fallback: (error, id) => lastKnown(id) },
   * );
   * const items = await getItems('42');
   */
  wrap<A extends readonly unknown[], T, F = T>(
    call: (signal: AbortSignal, ...args: A) => Promise<T> | T,
    options?: WrapOptions<A, F>,
  ): (...args: A) => Promise<T | F>;

  /**
   * The circuit as people want to see it, by a consistent read. Never rejects:
   * without the store it is this instance's own view.
   */
  status(): Promise<CircuitStatus>;

  /**
   * Refuses every call of the fleet, until `untilMs` (epoch milliseconds) or
   * `release`. Then one call is admitted as a probe. Rejects with StoreError
   * when the store cannot be written, and with TypeError for what makes no sense.
   */
  forceOpen(reason: string, untilMs?: number | undefined): Promise<void>;

  /**
   * Lets every call through and counts none, until `untilMs` (epoch
   * milliseconds) or `release`. If the circuit was not closed, one call is then
   * admitted as a probe. Rejects with StoreError.
   */
  forceClosed(reason: string, untilMs?: number | undefined): Promise<void>;

  /**
   * Takes `forceOpen` or `forceClosed` back, and does nothing where neither is in
   * the item. Rejects with StoreError.
   */
  release(reason?: string | undefined): Promise<void>;

  /**
   * Closes the circuit, whatever it is, and ends an override: for an operator who
   * knows that the downstream is well. Does nothing where it is closed without
   * failures. Rejects with StoreError.
   */
  close(reason: string): Promise<void>;
}

/** The breaker over one instance's replica of its circuit. */
export class FleetBreaker implements Breaker {
  readonly #settings: Settings;
  readonly #replica: Replica;
  readonly #executor: Executor;
  readonly #operator: Operator;
  readonly #newContext: NewContext;

  constructor(settings: Settings) {
    const replica = new Replica(settings);
    const newContext = decisionContexts(settings);
    this.#settings = settings;
    this.#replica = replica;
    this.#newContext = newContext;
    this.#executor = new Executor(settings, new Gate(settings, replica, newContext));
    this.#operator = new Operator(replica, newContext);
  }

  async prefetch(): Promise<void> {
    if (this.#settings.mode === 'off') return;
    await this.#replica.refreshIfOlderThan(this.#replica.maxAgeMs());
  }

  execute<T, F = T>(call: Call<T>, options: ExecuteOptions<F> = NO_OPTIONS): Promise<T | F> {
    return this.#executor.execute(call, options);
  }

  wrap<A extends readonly unknown[], T, F = T>(
    call: (signal: AbortSignal, ...args: A) => Promise<T> | T,
    options: WrapOptions<A, F> = {},
  ): (...args: A) => Promise<T | F> {
    checkWrap(call, options);
    const { fallback, ...others } = options;
    return (...args) =>
      this.execute((signal) => call(signal, ...args), {
        ...others,
        fallback: fallback && ((error) => fallback(error, ...args)),
      });
  }

  async status(): Promise<CircuitStatus> {
    const { name, mode } = this.#settings;
    const error = await this.#replica.readLatest();
    const { view } = this.#replica;
    // A circuit that recovers admits some calls: who is lucky need not wait.
    const ctx = this.#newContext(undefined, 0);
    const admission = admit(view, ctx);
    const { state, generation, reason, ...details } = describeCircuit(view.circuit, ctx.nowMs);
    return {
      name,
      state,
      generation,
      reason,
      ...details,
      ...(mode !== 'enforce' && { mode }),
      ...(admission.kind === 'refuse' && {
        retryAfterMs: admission.retryAfterMs,
      }),
      store: error ? 'unavailable' : 'available',
    };
  }

  forceOpen(reason: string, untilMs?: number | undefined): Promise<void> {
    return this.#operator.force('FORCED_OPEN', reason, untilMs);
  }

  forceClosed(reason: string, untilMs?: number | undefined): Promise<void> {
    return this.#operator.force('FORCED_CLOSED', reason, untilMs);
  }

  release(reason = 'released'): Promise<void> {
    return this.#operator.release(reason);
  }

  close(reason: string): Promise<void> {
    return this.#operator.close(reason);
  }
}
