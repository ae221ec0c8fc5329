import { type Call, runCall, unlessAborted } from './call.ts';
import { CallTimeoutError, CircuitOpenError } from './errors.ts';
import type { ExecuteOptions } from './execute-options.ts';
import type { Gate, HeldPermit } from './gate.ts';
import type { Settings } from './options.ts';
import type { CallOutcome } from './ports.ts';
import type { FinishedCall } from './protocol/settle.ts';
import { causeOf } from './results/cause.ts';
import { retryAfterMsOf } from './results/http.ts';
import type { CallResult } from './results/result.ts';
import { describeThrown } from './warnings.ts';

type AnyOptions = ExecuteOptions<unknown>;

/** What became of a call of `execute`, before a fallback is asked. */
export interface ExecutedCall {
  readonly result: CallResult;
  readonly outcome: CallOutcome;
  readonly probe: boolean;
  readonly latencyMs: number;
  /** It counted as failed for its time, whatever it came to. */
  readonly isSlow: boolean;
}

/** Makes calls through the gate. */
export class Executor {
  readonly #settings: Settings;
  readonly #gate: Gate;

  constructor(settings: Settings, gate: Gate) {
    this.#settings = settings;
    this.#gate = gate;
  }

  /** Never rejects: an error is a result. */
  async execute(call: Call<unknown>, options: AnyOptions): Promise<ExecutedCall> {
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
    const probe = held.permit.kind === 'probe';
    const startedAtMs = clock.now();
    const settle = (result: Pick<FinishedCall, 'verdict' | 'cause' | 'retryAfterMs'>) =>
      this.#gate.settle(held, { ...result, ranMs: clock.now() - startedAtMs });
    let settledAsSlow: Promise<void> | undefined;
    const { result, isAborted } = await runCall(call, {
      clock,
      timeoutMs: Math.max(1, this.#timeLeftMs(options)),
      slowCallMs,
      signal: options.signal,
      onSlow: () => {
        const cause = `slower than ${slowCallMs} ms`;
        settledAsSlow = settle({ verdict: 'failure', cause });
      },
    });
    const endedAtMs = clock.now();
    const verdict = isAborted ? 'ignored' : classify(result, { probe });
    const cause = causeOf(result);
    const retryAfterMs = retryAfterMsOf(result, endedAtMs);
    await (settledAsSlow ?? settle({ verdict, cause, retryAfterMs }));
    return {
      result,
      outcome: verdict,
      probe,
      latencyMs: endedAtMs - startedAtMs,
      isSlow: settledAsSlow !== undefined,
    };
  }

  #timeLeftMs({ remainingMs }: AnyOptions): number {
    const { callTimeoutMs, reserveMs } = this.#settings;
    const leftMs = this.#remainingMs(remainingMs);
    return Math.min(callTimeoutMs, leftMs - reserveMs);
  }

  /** Infinity if it is unknown, as where a mocked context tells no number. */
  #remainingMs(told: AnyOptions['remainingMs']): number {
    try {
      const leftMs = typeof told === 'function' ? told() : told;
      return Number.isFinite(leftMs) ? Number(leftMs) : Infinity;
    } catch (thrown) {
      const what = describeThrown(thrown);
      this.#settings.faults.report('remainingMs', `threw ${what}; it is ignored`);
      return Infinity;
    }
  }
}

function notMade(outcome: CallOutcome, error: unknown): ExecutedCall {
  return { result: { error }, outcome, probe: false, latencyMs: 0, isSlow: false };
}

function noTimeLeft(): CallTimeoutError {
  return new CallTimeoutError('No time left for a call');
}
