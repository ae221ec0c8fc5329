import { type Call, type CallEnd, runCall, unlessAborted } from './call.ts';
import { CallTimeoutError, CircuitOpenError } from './errors.ts';
import type { ExecuteOptions } from './execute-options.ts';
import type { Gate } from './gate.ts';
import type { HeldPermit } from './held-permit.ts';
import { enter, isWithin, newRunningCall } from './nesting.ts';
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

/** A call that is under way. */
interface Run {
  readonly held: HeldPermit;
  readonly startedAtMs: number;
  /** Whether the downstream is to blame if it does not end in time. */
  readonly isFair: boolean;
  isSlow: boolean;
  /** The report of a slow call, which begins before the call ends. */
  settledAsSlow: Promise<void> | undefined;
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

  /** Never rejects: an error is a result. A refusal on a fresh view needs no promise. */
  execute(call: Call<unknown>, options: AnyOptions): ExecutedCall | Promise<ExecutedCall> {
    const { name, mode, clock } = this.#settings;
    const { signal } = options;
    if (signal?.aborted) return notMade('ignored', signal.reason);
    const nowMs = clock.now();
    // A nested call of the same circuit needs no permit of its own. Within a probe it would
    // otherwise be refused because of that very probe, which could then never succeed.
    if (mode === 'off' || isWithin(name)) return this.#run(call, options, UNCOUNTED, nowMs);
    const isReady = options.prefetched === undefined && this.#gate.isFresh(nowMs);
    const admitted = isReady ? this.#admitAtOnce(options, nowMs) : undefined;
    if (admitted) return this.#goOn(call, options, admitted, nowMs);
    return this.#admit(options).then((later) => this.#goOn(call, options, later, clock.now()));
  }

  #goOn(
    call: Call<unknown>,
    options: AnyOptions,
    admitted: HeldPermit | ExecutedCall,
    nowMs: number,
  ): ExecutedCall | Promise<ExecutedCall> {
    if ('permit' in admitted) return this.#run(call, options, admitted, nowMs);
    const isObeyed = this.#settings.mode === 'enforce' || admitted.outcome === 'ignored';
    if (isObeyed) return admitted;
    const ran = this.#run(call, options, UNCOUNTED, nowMs);
    return ran.then((executed) => ({ ...executed, wouldRefuse: true }));
  }

  async #admit(options: AnyOptions): Promise<HeldPermit | ExecutedCall> {
    const { signal, prefetched } = options;
    if (this.#timeLeftMs(options) <= 0) return notMade('refused', noTimeLeft());
    await unlessAborted(this.#gate.refresh(prefetched), signal);
    if (signal?.aborted) return notMade('ignored', signal.reason);
    const atOnce = this.#admitAtOnce(options, this.#settings.clock.now());
    if (atOnce) return atOnce;
    const admitted = await this.#gate.admit();
    return admitted instanceof CircuitOpenError ? notMade('refused', admitted) : admitted;
  }

  /** Undefined where a write to the store decides. */
  #admitAtOnce(options: AnyOptions, nowMs: number): HeldPermit | ExecutedCall | undefined {
    if (this.#timeLeftMs(options) <= 0) return notMade('refused', noTimeLeft());
    const admitted = this.#gate.admitAtOnce(nowMs);
    return admitted instanceof CircuitOpenError ? notMade('refused', admitted) : admitted;
  }

  #run(
    call: Call<unknown>,
    options: AnyOptions,
    held: HeldPermit,
    startedAtMs: number,
  ): Promise<ExecutedCall> {
    const { name, clock } = this.#settings;
    const { timeoutMs, slowCallMs, isFair } = this.#limits(options);
    const run: Run = { held, startedAtMs, isFair, settledAsSlow: undefined, isSlow: false };
    const running = newRunningCall(name);
    const callWithin = (signal: AbortSignal) => {
      enter(running);
      return call(signal);
    };
    const onSlow = () => this.#settleAsSlow(run, slowCallMs);
    const limits = { clock, timeoutMs, slowCallMs, signal: options.signal, onSlow };
    return runCall(callWithin, limits).then((end) => {
      running.isOver = true;
      return this.#settle(run, end);
    });
  }

  #settleAsSlow(run: Run, slowCallMs: number): void {
    const ranMs = elapsedMs(run.startedAtMs, this.#settings.clock.now());
    const cause = `slower than ${slowCallMs} ms`;
    run.isSlow = true;
    run.settledAsSlow = this.#gate.settle(run.held, { verdict: 'failure', ranMs, cause });
  }

  #settle(run: Run, { result, endedBy }: CallEnd): ExecutedCall | Promise<ExecutedCall> {
    const endedAtMs = this.#settings.clock.now();
    const ranMs = elapsedMs(run.startedAtMs, endedAtMs);
    const probe = run.held.permit.kind === 'probe';
    const outcome = endedBy === 'caller' ? 'ignored' : this.#verdictOf(result, probe);
    const isCutShort = endedBy === 'timeout' && !run.isFair;
    const verdict = isCutShort ? 'ignored' : outcome;
    const { isSlow } = run;
    const settled = isSlow
      ? run.settledAsSlow
      : this.#gate.settle(run.held, finishedCall(result, { verdict, ranMs, endedAtMs }));
    const executed = { result, outcome, probe, latencyMs: ranMs, isSlow, wouldRefuse: false };
    return settled ? settled.then(() => executed) : executed;
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

/** A clock that was set back during a call has counted none of it. */
function elapsedMs(startedAtMs: number, nowMs: number): number {
  return Math.max(0, nowMs - startedAtMs);
}

interface Ended {
  readonly verdict: Verdict;
  readonly ranMs: number;
  readonly endedAtMs: number;
}

/** Only a failure is told with its reason. */
function finishedCall(result: CallResult, end: Ended): FinishedCall {
  const { verdict, ranMs, endedAtMs } = end;
  if (verdict !== 'failure') return { verdict, ranMs, cause: '' };
  const retryAfterMs = retryAfterMsOf(result, endedAtMs);
  return { verdict, ranMs, cause: causeOf(result), retryAfterMs };
}

function notMade(outcome: CallOutcome, error: unknown): ExecutedCall {
  const result = { error };
  return { result, outcome, probe: false, latencyMs: 0, isSlow: false, wouldRefuse: false };
}

function noTimeLeft(): CallTimeoutError {
  return new CallTimeoutError('No time left for a call');
}
