import { AdmittedCall } from './admitted-call.ts';
import { type Call, unlessAborted } from './call.ts';
import { CallTimeoutError, type CircuitOpenError } from './errors.ts';
import { checkExecute, type ExecuteOptions } from './execute-options.ts';
import { type ExecutedCall, notMade, recordOf } from './executed-call.ts';
import { answerInstead } from './fallback.ts';
import type { Gate } from './gate.ts';
import type { HeldPermit } from './held-permit.ts';
import { isWithin } from './nesting.ts';
import type { Settings } from './options.ts';
import { ABSENT_CIRCUIT } from './protocol/circuit.ts';
import { timeLeftMs } from './time-left.ts';

type AnyOptions = ExecuteOptions<unknown>;

/** The right of a call that is none of the circuit's business. */
const UNCOUNTED: HeldPermit = {
  permit: { kind: 'uncounted' },
  localId: undefined,
  fleetCircuit: ABSENT_CIRCUIT,
};
const REFUSED_BUT_MADE: HeldPermit = { ...UNCOUNTED, wouldRefuse: true };

/**
 * Makes calls through the gate. Each goes through the same steps:
 *
 *     refresh the view -> admit or refuse -> run within its time -> judge -> settle -> answer
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

  /** As `Breaker.execute`. With a fresh view, and nothing to report, it waits for the call alone. */
  async execute<T, F>(call: Call<T>, options: ExecuteOptions<F>): Promise<T | F> {
    checkExecute(call, options);
    const { clock } = this.#settings;
    let nowMs = clock.now();
    let held = this.#admitAtOnce(options, nowMs);
    if (held === undefined) {
      held = await this.#admit(options);
      nowMs = clock.now();
    }
    if ('outcome' in held) {
      // What is rejected before anybody can wait for it takes Node longer than all the rest.
      await undefined;
      return this.#answer(held, options);
    }
    const admitted = new AdmittedCall(this.#settings, this.#gate, held, nowMs);
    const end = await admitted.run(call, options);
    const executed = admitted.judge(end);
    const settled = admitted.settle(end, executed);
    if (settled) await settled;
    return this.#answer(executed, options);
  }

  /** Undefined where the store has to be asked. */
  #admitAtOnce(options: AnyOptions, nowMs: number): HeldPermit | ExecutedCall | undefined {
    const { name, mode } = this.#settings;
    const { signal, prefetched } = options;
    if (signal?.aborted) return notMade('ignored', signal.reason);
    // A nested call of the same circuit needs no permit of its own. Within a probe it would
    // otherwise be refused because of that very probe, which could then never succeed.
    if (mode === 'off' || isWithin(name)) return UNCOUNTED;
    const isReady = prefetched === undefined && this.#gate.isFresh(nowMs);
    return isReady ? this.#decide(options, nowMs) : undefined;
  }

  async #admit(options: AnyOptions): Promise<HeldPermit | ExecutedCall> {
    const { signal, prefetched } = options;
    if (timeLeftMs(this.#settings, options) <= 0) return this.#refused(noTimeLeft());
    await unlessAborted(this.#gate.refresh(prefetched), signal);
    if (signal?.aborted) return notMade('ignored', signal.reason);
    const decided = this.#decide(options, this.#settings.clock.now());
    return decided ?? this.#obeyed(await this.#gate.admit());
  }

  /** Undefined where a write to the store decides. */
  #decide(options: AnyOptions, nowMs: number): HeldPermit | ExecutedCall | undefined {
    if (timeLeftMs(this.#settings, options) <= 0) return this.#refused(noTimeLeft());
    const decided = this.#gate.admitAtOnce(nowMs);
    return decided && this.#obeyed(decided);
  }

  #obeyed(decided: HeldPermit | CircuitOpenError): HeldPermit | ExecutedCall {
    return decided instanceof Error ? this.#refused(decided) : decided;
  }

  /** Only in mode `enforce` a refused call is not made. */
  #refused(error: CircuitOpenError | CallTimeoutError): HeldPermit | ExecutedCall {
    return this.#settings.mode === 'enforce' ? notMade('refused', error) : REFUSED_BUT_MADE;
  }

  /** What the caller gets. Throws what the call threw, unless a fallback answers. */
  #answer<T, F>(executed: ExecutedCall, { fallback }: ExecuteOptions<F>): T | Promise<F> {
    this.#settings.onCall(recordOf(executed, this.#settings.name));
    const { result, outcome } = executed;
    const hasFailed = outcome === 'refused' || outcome === 'failure';
    if (fallback && hasFailed) return answerInstead(fallback, result);
    if ('error' in result) throw result.error;
    return result.value as T;
  }
}

function noTimeLeft(): CallTimeoutError {
  return new CallTimeoutError('No time left for a call');
}
