import { type Call, runCall, unlessAborted } from './call.ts';
import { type CallResult, causeOf } from './classify.ts';
import { decisionContexts } from './decision-contexts.ts';
import { CallTimeoutError, CircuitOpenError, FailedResultError, StoreError } from './errors.ts';
import { Replica } from './fleet/replica.ts';
import { Gate, type HeldPermit } from './gate.ts';
import type { Settings } from './options.ts';
import type { CallOutcome, CircuitStatus } from './ports.ts';
import { admit } from './protocol/admit.ts';
import { problemOfOverride } from './protocol/codec.ts';
import type { DecisionContext } from './protocol/context.ts';
import type { Verdict } from './protocol/settle.ts';
import { applyOverride, type OverrideRequest } from './protocol/writes.ts';
import { describeCircuit } from './status.ts';

export interface ExecuteOptions<F> {
  /**
   * Answers for a refused or failed call. Its argument is CircuitOpenError,
   * CallTimeoutError, FailedResultError or what the call threw. Without a
   * fallback that error is thrown, or the value that counts as failed returned.
   */
  readonly fallback?: (error: unknown) => F | Promise<F>;
  /**
   * The milliseconds that the instance has left, as Lambda's context tells. The
   * call is cut early enough to report its failure before Lambda ends.
   */
  readonly remainingMs?: number | (() => number);
  /**
   * The caller's own: whoever aborts it waits no more. `execute` then rejects with
   * its reason, and the call counts neither for nor against the downstream. The
   * signal that the call is given is aborted, too.
   */
  readonly signal?: AbortSignal | undefined;
  /** What `prefetch` returned earlier in this invocation. */
  readonly prefetched?: Promise<void>;
}

type AnyOptions = ExecuteOptions<unknown>;

interface ExecutedCall {
  readonly result: CallResult;
  readonly outcome: CallOutcome;
  readonly probe: boolean;
  readonly latencyMs: number;
}

/** One circuit, as one instance guards its calls with it. */
export class Breaker {
  readonly #settings: Settings;
  readonly #replica: Replica;
  readonly #gate: Gate;
  readonly #newContext: () => DecisionContext;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#replica = new Replica(settings);
    this.#newContext = decisionContexts(settings);
    this.#gate = new Gate(settings, this.#replica, this.#newContext);
  }

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
  async prefetch(): Promise<void> {
    await this.#replica.refreshIfOlderThan(this.#replica.maxAgeMs());
  }

  /**
   * Makes the call if the circuit lets it, and answers with its value. The
   * result is reported before this returns, because Lambda freezes an instance
   * once it has answered.
   *
   * Rejects with CircuitOpenError (refused), CallTimeoutError (too slow, or no
   * time left) or what the call threw, unless there is a fallback.
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
  async execute<T, F = T>(call: Call<T>, options: ExecuteOptions<F> = {}): Promise<T | F> {
    const executed = await this.#admitAndRun(call, options);
    this.#publishCall(executed);
    const { result, outcome } = executed;
    const hasFailed = outcome === 'refused' || outcome === 'failure';
    if (options.fallback && hasFailed) return options.fallback(errorOf(result));
    if ('error' in result) throw result.error;
    return result.value as T;
  }

  /**
   * The circuit as people want to see it, by a consistent read. Never rejects:
   * without the store it is this instance's own view.
   */
  async status(): Promise<CircuitStatus> {
    const error = await this.#replica.readLatest();
    const { view } = this.#replica;
    const ctx = this.#newContext();
    const admission = admit(view, ctx);
    const { state, generation, reason, ...details } = describeCircuit(view.circuit, ctx.nowMs);
    return {
      name: this.#settings.name,
      state,
      generation,
      reason,
      ...details,
      ...(admission.kind === 'refuse' && {
        retryAfterMs: Math.round(admission.retryAfterMs),
      }),
      store: error ? 'unavailable' : 'available',
    };
  }

  /**
   * Refuses every call of the fleet, until `untilMs` (epoch milliseconds) or
   * `release`. Rejects with StoreError.
   */
  forceOpen(reason: string, untilMs?: number): Promise<void> {
    return this.#applyOverride({
      override: 'FORCED_OPEN',
      overrideUntilMs: untilMs,
      reason,
    });
  }

  /**
   * Lets every call through and counts none, until `untilMs` (epoch
   * milliseconds) or `release`. Rejects with StoreError.
   */
  forceClosed(reason: string, untilMs?: number): Promise<void> {
    return this.#applyOverride({
      override: 'FORCED_CLOSED',
      overrideUntilMs: untilMs,
      reason,
    });
  }

  /**
   * Takes `forceOpen` or `forceClosed` back: the state beneath goes on. Rejects
   * with StoreError.
   */
  release(reason = 'released'): Promise<void> {
    return this.#applyOverride({ reason });
  }

  async #admitAndRun(call: Call<unknown>, options: AnyOptions): Promise<ExecutedCall> {
    const { signal, prefetched } = options;
    if (signal?.aborted) return notMade('ignored', signal.reason);
    if (this.#timeLeftMs(options) <= 0) return notMade('refused', noTimeLeft());
    await unlessAborted(this.#gate.refresh(prefetched), signal);
    if (signal?.aborted) return notMade('ignored', signal.reason);
    if (this.#timeLeftMs(options) <= 0) return notMade('refused', noTimeLeft());
    const admitted = await this.#gate.admit();
    if (admitted instanceof CircuitOpenError) return notMade('refused', admitted);
    return this.#run(call, admitted, options);
  }

  async #run(call: Call<unknown>, held: HeldPermit, options: AnyOptions): Promise<ExecutedCall> {
    const { clock, slowCallMs, classify } = this.#settings;
    const startedAtMs = clock.now();
    const finish = (verdict: Verdict, cause: string) =>
      this.#gate.settle(held, {
        verdict,
        cause,
        ranMs: clock.now() - startedAtMs,
      });
    let settledAsSlow: Promise<void> | undefined;
    const { result, isAborted } = await runCall(call, {
      clock,
      timeoutMs: Math.max(1, this.#timeLeftMs(options)),
      slowCallMs,
      signal: options.signal,
      onSlow: () => {
        settledAsSlow = finish('failure', `slower than ${slowCallMs} ms`);
      },
    });
    const latencyMs = clock.now() - startedAtMs;
    const verdict = isAborted ? 'ignored' : classify(result);
    await (settledAsSlow ?? finish(verdict, causeOf(result)));
    const probe = held.permit.kind === 'probe';
    return { result, outcome: verdict, probe, latencyMs };
  }

  async #applyOverride(request: OverrideRequest): Promise<void> {
    const problem = problemOfOverride(request);
    if (problem) throw new StoreError('malformed', problem);
    const replica = this.#replica;
    await replica.readLatest();
    if (replica.outageError) throw replica.outageError;
    const ctx = this.#newContext();
    const write = applyOverride(replica.fleetCircuit, request, ctx);
    const commit = await replica.commit(write);
    if (replica.outageError) throw replica.outageError;
    if (commit.kind === 'throttled') throw new StoreError('throttled', 'The store throttles');
    if (commit.kind === 'refused') await this.#applyOverride(request);
  }

  #timeLeftMs({ remainingMs = Infinity }: AnyOptions): number {
    const { callTimeoutMs, reserveMs } = this.#settings;
    const leftMs = typeof remainingMs === 'function' ? remainingMs() : remainingMs;
    return Math.min(callTimeoutMs, leftMs - reserveMs);
  }

  #publishCall({ result, outcome, probe, latencyMs }: ExecutedCall): void {
    const { name, onCall } = this.#settings;
    onCall?.({
      name,
      outcome,
      probe,
      latencyMs,
      ...('error' in result && { error: result.error }),
    });
  }
}

function notMade(outcome: CallOutcome, error: unknown): ExecutedCall {
  return { result: { error }, outcome, probe: false, latencyMs: 0 };
}

function noTimeLeft(): CallTimeoutError {
  return new CallTimeoutError('No time left for a call');
}

function errorOf(result: CallResult): unknown {
  if ('error' in result) return result.error;
  const { value } = result;
  return new FailedResultError('The call returned a failure', { cause: value });
}
