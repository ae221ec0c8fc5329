import { type Call, runCall, unlessAborted } from './call.ts';
import { CallTimeoutError, CircuitOpenError } from './errors.ts';
import type { ExecuteOptions } from './execute-options.ts';
import type { Gate, HeldPermit } from './gate.ts';
import { isWithin, runWithin } from './nesting.ts';
import type { Settings } from './options.ts';
import type { CallOutcome } from './ports.ts';
import { ABSENT_CIRCUIT } from './protocol/circuit.ts';
import { FAIR_SAMPLE_MS } from './protocol/fair-sample.ts';
import type { FinishedCall, Verdict } from './protocol/settle.ts';
import { causeOf } from './results/cause.ts';
import { retryAfterMsOf } from './results/http.ts';
import { type CallResult, propertyOf } from './results/result.ts';
import { describeThrown } from './warnings.ts';

type AnyOptions = ExecuteOptions<unknown>;

/** What became of a call of `execute`, before a fallback is asked. */
export interface ExecutedCall {
  readonly result: CallResult;
  readonly outcome: CallOutcome;
  readonly probe: boolean;
  readonly latencyMs: number;
  /** Whether it counted as failed because it was slow, whatever its result. */
  readonly isSlow: boolean;
  /** Whether it was made although the circuit refused it, in mode `observe`. */
  readonly wouldRefuse: boolean;
}

/** The right of a call that is none of the circuit's business. */
const UNCOUNTED: HeldPermit = {
  permit: { kind: 'uncounted' },
  localId: undefined,
  fleetCircuit: ABSENT_CIRCUIT,
};

/**
 * Makes calls through the gate. Each goes through the same steps:
 *
 *     refresh the view -> admit or refuse -> run within its time -> judge -> settle
 *
 * The result is settled before the caller gets it, because Lambda freezes an instance that has
 * answered, and what was not reported by then would never be.
 */
export class Executor {
  readonly #settings: Settings;
  readonly #gate: Gate;

  constructor(settings: Settings, gate: Gate) {
    this.#settings = settings;
    this.#gate = gate;
  }

  /** Never rejects: an error is a result. */
  async execute(call: Call<unknown>, options: AnyOptions): Promise<ExecutedCall> {
    const { name, mode } = this.#settings;
    const { signal } = options;
    if (signal?.aborted) return notMade('ignored', signal.reason);
    // A nested call of the same circuit needs no permit of its own. Within a probe it would
    // otherwise be refused because of that very probe, which could then never succeed.
    if (mode === 'off' || isWithin(name)) return this.#run(call, UNCOUNTED, options);
    const admitted = await this.#admit(options);
    if ('permit' in admitted) return this.#run(call, admitted, options);
    if (mode === 'enforce' || admitted.outcome === 'ignored') return admitted;
    const executed = await this.#run(call, UNCOUNTED, options);
    return { ...executed, wouldRefuse: true };
  }

  async #admit(options: AnyOptions): Promise<HeldPermit | ExecutedCall> {
    const { signal, prefetched } = options;
    if (this.#timeLeftMs(options) <= 0) return notMade('refused', noTimeLeft());
    await unlessAborted(this.#gate.refresh(prefetched), signal);
    if (signal?.aborted) return notMade('ignored', signal.reason);
    if (this.#timeLeftMs(options) <= 0) return notMade('refused', noTimeLeft());
    const admitted = await this.#gate.admit();
    return admitted instanceof CircuitOpenError ? notMade('refused', admitted) : admitted;
  }

  async #run(call: Call<unknown>, held: HeldPermit, options: AnyOptions): Promise<ExecutedCall> {
    const { name, clock } = this.#settings;
    const probe = held.permit.kind === 'probe';
    const startedAtMs = clock.now();
    // A clock set back meanwhile must not leave a negative time, neither here nor in the item.
    const elapsedMs = () => Math.max(0, clock.now() - startedAtMs);
    const settle = (result: Pick<FinishedCall, 'verdict' | 'cause' | 'retryAfterMs'>) =>
      this.#gate.settle(held, { ...result, ranMs: elapsedMs() });
    const { timeoutMs, slowCallMs, isFair } = this.#limits(options);
    let settledAsSlow: Promise<void> | undefined;
    const run = () =>
      runCall(call, {
        clock,
        timeoutMs,
        slowCallMs,
        signal: options.signal,
        onSlow: () => {
          const cause = `slower than ${slowCallMs} ms`;
          settledAsSlow = settle({ verdict: 'failure', cause });
        },
      });
    const { result, endedBy } = await runWithin(name, run);
    const latencyMs = elapsedMs();
    const outcome = endedBy === 'caller' ? 'ignored' : this.#verdictOf(result, probe);
    const isCutShort = endedBy === 'timeout' && !isFair;
    const verdict = isCutShort ? 'ignored' : outcome;
    const cause = causeOf(result);
    const retryAfterMs = retryAfterMsOf(result, clock.now());
    await (settledAsSlow ?? settle({ verdict, cause, retryAfterMs }));
    return {
      result,
      outcome,
      probe,
      latencyMs,
      isSlow: settledAsSlow !== undefined,
      wouldRefuse: false,
    };
  }

  #verdictOf(result: CallResult, probe: boolean): Verdict {
    const { name, classify } = this.#settings;
    const error = 'error' in result ? result.error : undefined;
    const isRefusal = propertyOf(error, 'name') === 'CircuitOpenError';
    // What this circuit has refused itself says nothing about the downstream.
    if (isRefusal && propertyOf(error, 'circuit') === name) return 'ignored';
    return classify(result, { probe });
  }

  /**
   * Only `enforce` cuts calls. Otherwise one that would be cut counts as slow. If
   * the caller has hardly any time left, it is not fair to blame the downstream.
   */
  #limits(options: AnyOptions) {
    const { mode, slowCallMs, callTimeoutMs } = this.#settings;
    const leftMs = Math.max(1, this.#timeLeftMs(options));
    const isFair = leftMs >= Math.min(callTimeoutMs, FAIR_SAMPLE_MS);
    if (mode === 'enforce') return { timeoutMs: leftMs, slowCallMs, isFair };
    const markMs = isFair ? Math.min(slowCallMs, leftMs) : slowCallMs;
    return { timeoutMs: undefined, slowCallMs: markMs, isFair };
  }

  #timeLeftMs({ remainingMs }: AnyOptions): number {
    const { callTimeoutMs, reserveMs } = this.#settings;
    const leftMs = this.#remainingMs(remainingMs);
    return Math.min(callTimeoutMs, leftMs - reserveMs);
  }

  /** Infinity if it is unknown, as where a mocked context returns no number. */
  #remainingMs(remainingMs: AnyOptions['remainingMs']): number {
    try {
      const leftMs: unknown = typeof remainingMs === 'function' ? remainingMs() : remainingMs;
      if (leftMs instanceof Promise) leftMs.catch(() => {});
      return Number.isFinite(leftMs) ? Number(leftMs) : Infinity;
    } catch (thrown) {
      const what = describeThrown(thrown);
      this.#settings.faults.report('remainingMs', `threw ${what}; it is ignored`);
      return Infinity;
    }
  }
}

function notMade(outcome: CallOutcome, error: unknown): ExecutedCall {
  const result = { error };
  return { result, outcome, probe: false, latencyMs: 0, isSlow: false, wouldRefuse: false };
}

function noTimeLeft(): CallTimeoutError {
  return new CallTimeoutError('No time left for a call');
}
