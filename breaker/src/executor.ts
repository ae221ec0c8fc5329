import { type Call, runCall, unlessAborted } from './call.ts';
import { type CallResult, causeOf } from './classify.ts';
import { CallTimeoutError, CircuitOpenError } from './errors.ts';
import type { ExecuteOptions } from './execute-options.ts';
import type { Gate, HeldPermit } from './gate.ts';
import type { Settings } from './options.ts';
import type { CallOutcome } from './ports.ts';
import type { Verdict } from './protocol/settle.ts';
import { describeThrown } from './warnings.ts';

type AnyOptions = ExecuteOptions<unknown>;

/** What became of a call of `execute`, before a fallback is asked. */
export interface ExecutedCall {
  readonly result: CallResult;
  readonly outcome: CallOutcome;
  readonly probe: boolean;
  readonly latencyMs: number;
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
    const verdict = isAborted ? 'ignored' : classify(result, { probe });
    await (settledAsSlow ?? finish(verdict, causeOf(result)));
    return { result, outcome: verdict, probe, latencyMs };
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
  return { result: { error }, outcome, probe: false, latencyMs: 0 };
}

function noTimeLeft(): CallTimeoutError {
  return new CallTimeoutError('No time left for a call');
}
