import { type Call, type CallEnd, type CallLimits, runCall } from './call.ts';
import type { ExecuteOptions } from './execute-options.ts';
import type { ExecutedCall } from './executed-call.ts';
import type { Gate } from './gate.ts';
import type { HeldPermit } from './held-permit.ts';
import { enter, newRunningCall, type RunningCall } from './nesting.ts';
import type { Settings } from './options.ts';
import { FAIR_SAMPLE_MS } from './protocol/fair-sample.ts';
import type { FinishedCall, Verdict } from './protocol/settle.ts';
import { causeOf } from './results/cause.ts';
import { retryAfterMsOf } from './results/http.ts';
import { type CallResult, propertyOf } from './results/result.ts';
import { timeLeftMs } from './time-left.ts';

/** How an admitted call ended. */
type EndedCall = ExecutedCall & { readonly outcome: Verdict };

/** A call that is let through: how it runs, and what its end means. */
export class AdmittedCall {
  readonly #settings: Settings;
  readonly #gate: Gate;
  readonly #held: HeldPermit;
  readonly #startedAtMs: number;
  readonly #running: RunningCall;
  /** Whether the downstream is to blame if the call does not end in time. */
  #isFair = true;
  #isSlow = false;
  /** The report of a slow call, which begins before the call ends. */
  #settledAsSlow: Promise<void> | undefined;

  constructor(settings: Settings, gate: Gate, held: HeldPermit, startedAtMs: number) {
    this.#settings = settings;
    this.#gate = gate;
    this.#held = held;
    this.#startedAtMs = startedAtMs;
    this.#running = newRunningCall(settings.name);
  }

  /** Makes the call, within its limits. Never rejects. */
  run(call: Call<unknown>, options: ExecuteOptions<unknown>): Promise<CallEnd> {
    const callWithin = (signal: AbortSignal) => {
      enter(this.#running);
      return call(signal);
    };
    return runCall(callWithin, this.#limits(options));
  }

  /**
   * Only `enforce` cuts calls. Otherwise one that would be cut counts as slow. If
   * the caller has hardly any time left, it is not fair to blame the downstream.
   */
  #limits(options: ExecuteOptions<unknown>): CallLimits {
    const { clock, mode, slowCallMs, callTimeoutMs } = this.#settings;
    const { signal } = options;
    const leftMs = Math.max(1, timeLeftMs(this.#settings, options));
    const isFair = leftMs >= Math.min(callTimeoutMs, FAIR_SAMPLE_MS);
    this.#isFair = isFair;
    const onSlow = (markMs: number) => this.#settleAsSlow(markMs);
    if (mode === 'enforce') return { clock, timeoutMs: leftMs, slowCallMs, onSlow, signal };
    const markMs = isFair ? Math.min(slowCallMs, leftMs) : slowCallMs;
    return { clock, timeoutMs: undefined, slowCallMs: markMs, onSlow, signal };
  }

  #settleAsSlow(markMs: number): void {
    const ranMs = this.#elapsedMs();
    this.#isSlow = true;
    const cause = `slower than ${markMs} ms`;
    this.#settledAsSlow = this.#gate.settle(this.#held, { verdict: 'failure', ranMs, cause });
  }

  /** What the call's end, which has just come, says about the downstream. */
  judge({ result, endedBy }: CallEnd): EndedCall {
    this.#running.isOver = true;
    const { permit, wouldRefuse = false } = this.#held;
    const probe = permit.kind === 'probe';
    const latencyMs = this.#elapsedMs();
    const outcome = endedBy === 'caller' ? 'ignored' : this.#verdictOf(result, probe);
    return { result, outcome, probe, latencyMs, isSlow: this.#isSlow, wouldRefuse };
  }

  /** Reports it. Undefined where there is nothing to report. */
  settle(
    { endedBy }: CallEnd,
    { result, outcome, latencyMs }: EndedCall,
  ): Promise<void> | undefined {
    if (this.#isSlow) return this.#settledAsSlow;
    const isCutShort = endedBy === 'timeout' && !this.#isFair;
    const verdict = isCutShort ? 'ignored' : outcome;
    return this.#gate.settle(this.#held, this.#finished(verdict, latencyMs, result));
  }

  /** Only a failure is told with its reason. */
  #finished(verdict: Verdict, ranMs: number, result: CallResult): FinishedCall {
    if (verdict !== 'failure') return { verdict, ranMs, cause: '' };
    const retryAfterMs = retryAfterMsOf(result, this.#settings.clock.now());
    return { verdict, ranMs, cause: causeOf(result), retryAfterMs };
  }

  #verdictOf(result: CallResult, probe: boolean): Verdict {
    const { name, classify } = this.#settings;
    const error = 'error' in result ? result.error : undefined;
    const isRefusal = propertyOf(error, 'name') === 'CircuitOpenError';
    // What this circuit has refused itself says nothing about the downstream.
    if (isRefusal && propertyOf(error, 'circuit') === name) return 'ignored';
    return classify(result, { probe });
  }

  /** A clock that was set back during the call has counted none of it. */
  #elapsedMs(): number {
    return Math.max(0, this.#settings.clock.now() - this.#startedAtMs);
  }
}
