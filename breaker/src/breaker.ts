import { runCall } from './call.ts';
import { CallTimeoutError, CircuitOpenError, FailedResultError, StoreError } from './errors.ts';
import type { CallResult, Settings } from './options.ts';
import type { CallRecord, CircuitStatus } from './ports.ts';
import { type Outage, SharedState } from './shared-state.ts';
import { type Circuit, overrideInForce } from './state.ts';
import type { Outcome, Ticket, Verdict } from './transitions.ts';
import { admit, countedWrite, DARK_MS, probeWrite } from './transitions.ts';
import { isFresh } from './view.ts';
import { overrule, repair, type Word, type Writer } from './writes.ts';

/** A view that is being read ahead of the call it is for; made by `prefetch`. */
export interface Prefetch {
  readonly startedAtMs: number;
  readonly done: Promise<void>;
}

export interface ExecuteOptions<F> {
  /**
   * Answers in place of a refused or failed call. `error` is CircuitOpenError, CallTimeoutError,
   * FailedResultError, or what the call threw. Without it that error is thrown (a value that counts
   * as failed is returned). Not used for an error that `classify` calls ignored or a success.
   */
  readonly fallback?: (error: unknown) => F | Promise<F>;
  /** The milliseconds the instance has left, as Lambda's context tells it. */
  readonly remainingMs?: number | (() => number);
  /** A read begun earlier in this invocation, so that it costs no time now. */
  readonly prefetched?: Prefetch;
}

/** A call's right to run. `outage`: given by this instance alone, and of no meaning after it. */
type Admitted = { readonly ticket: Ticket; readonly outage: Outage | undefined };

/** A report is refused at most by: a streak just opened, one just grown to the threshold, a trip. */
const MAX_REPORT_ATTEMPTS = 3;
/** Refused locally after a failure could not be reported because the item is written too often. */
const THROTTLED_REFUSAL_MS = 1_000;
/** Added to the call timeout: by then a live prober has reported. */
const LEASE_MARGIN_MS = 1_000;

export class Breaker {
  readonly #settings: Settings;
  readonly #state: SharedState;
  #claims = 0;
  #hasJustFailed = false;
  #refuseUntilMs = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#state = new SharedState(settings);
  }

  /** Starts reading the view if a call now would need it. Never rejects; need not be awaited. */
  prefetch(): Prefetch {
    const done = this.#state.isStale() ? this.#state.refresh() : Promise.resolve();
    return { startedAtMs: this.#settings.clock.now(), done };
  }

  /**
   * Makes the call if the circuit lets it. The signal is aborted when the call's time is up.
   * Reports are written before this returns: a Lambda instance is frozen as soon as it answers.
   */
  async execute<T, F = T>(
    call: (signal: AbortSignal) => Promise<T> | T,
    options: ExecuteOptions<F> = {},
  ): Promise<T | F> {
    const answer = (error: unknown): F | Promise<F> => {
      if (options.fallback) return options.fallback(error);
      throw error;
    };
    const admitted = await this.#admit(options);
    if (admitted instanceof Error) {
      this.#record('refused', false, 0, admitted);
      return answer(admitted);
    }
    const { result, verdict } = await this.#run(
      call,
      Math.max(1, this.#timeLeft(options)),
      admitted,
    );
    if ('error' in result) {
      if (verdict === 'failure') return answer(result.error);
      throw result.error;
    }
    const isReturned = verdict !== 'failure' || !options.fallback;
    return isReturned
      ? (result.value as T)
      : answer(new FailedResultError('The call returned a failure', { cause: result.value }));
  }

  /** The shared state as people want to see it, by a consistent read. Never rejects. */
  async status(): Promise<CircuitStatus> {
    await this.#state.read({ consistent: true });
    const { circuit, waitUntilMs } = this.#state.view;
    const waitMs = Math.round(waitUntilMs - this.#settings.clock.now());
    const isTime = (name: string, value: unknown) => /(At|Until)$/.test(name) && Number(value) > 0;
    const readable = Object.entries(circuit).map(([name, value]) =>
      isTime(name, value) ? [name, new Date(value).toISOString()] : [name, value],
    );
    return {
      name: this.#settings.name,
      ...(Object.fromEntries(readable) as Circuit),
      state: this.#effectiveState(),
      ...(waitMs > 0 && { retryAfterMs: waitMs }),
      store: this.#state.outage ? 'unavailable' : 'available',
    };
  }

  /** Refuses every call of the fleet until `untilMs` (epoch) or release. Rejects with StoreError. */
  forceOpen(reason: string, untilMs?: number): Promise<void> {
    return this.#overrule({ override: 'FORCED_OPEN', overrideUntil: untilMs, reason });
  }

  /** Lets every call through, counting nothing, until `untilMs` or release. Rejects with StoreError. */
  forceClosed(reason: string, untilMs?: number): Promise<void> {
    return this.#overrule({ override: 'FORCED_CLOSED', overrideUntil: untilMs, reason });
  }

  /** Takes `forceOpen` or `forceClosed` back: the state beneath goes on. Rejects with StoreError. */
  release(reason = 'released'): Promise<void> {
    return this.#overrule({ reason });
  }

  async #admit(options: ExecuteOptions<unknown>): Promise<Admitted | Error> {
    if (this.#timeLeft(options) <= 0) return new CallTimeoutError('No time left for a call');
    const { clock } = this.#settings;
    const { prefetched } = options;
    await prefetched?.done;
    const aheadMs = prefetched ? Math.abs(clock.now() - prefetched.startedAtMs) : Infinity;
    if (aheadMs > DARK_MS && this.#state.isStale()) await this.#state.refresh();
    const pauseMs = this.#refuseUntilMs - clock.now();
    // Longer than it can be: the clock was set back.
    if (pauseMs > 0 && pauseMs <= THROTTLED_REFUSAL_MS) return this.#refusal(pauseMs);
    // A claim may be refused by another instance's; what that shows is then acted on, once.
    for (let attempt = 1; ; attempt++) {
      const { circuit, waitUntilMs } = this.#state.view;
      const admission = admit(circuit, waitUntilMs, this.#writer());
      if (admission.kind === 'refuse') return this.#refusal(admission.retryAfterMs);
      if (admission.kind === 'admit') return { ...admission, outage: this.#state.outage };
      const written = await this.#state.write(admission.write, circuit);
      if (written.result === 'applied' && written.circuit.state === 'HALF_OPEN')
        return { ticket: { kind: 'probe', circuit: written.circuit }, outage: this.#state.outage };
      if (written.result === 'throttled' || attempt === 2) return this.#refusal(0);
    }
  }

  async #run(call: (signal: AbortSignal) => unknown, timeoutMs: number, admitted: Admitted) {
    const { clock, slowCallMs, classify } = this.#settings;
    const startedAtMs = clock.now();
    const report = (verdict: Verdict, cause: string) =>
      this.#report(admitted, { verdict, cause, ranMs: clock.now() - startedAtMs });
    let slowReport: Promise<void> | undefined;
    const onSlow = () => {
      slowReport = report('failure', `slower than ${slowCallMs} ms`);
    };
    const result = await runCall(call, { timeoutMs, slowCallMs, onSlow, clock });
    const latencyMs = clock.now() - startedAtMs;
    const verdict = classify(result);
    await (slowReport ?? report(verdict, causeOf(result)));
    this.#hasJustFailed = verdict === 'failure';
    const isProbe = admitted.ticket.kind === 'probe';
    this.#record(verdict, isProbe, latencyMs, 'error' in result ? result.error : undefined);
    return { result, verdict };
  }

  async #report({ ticket, outage }: Admitted, outcome: Outcome): Promise<void> {
    if (ticket.kind === 'uncounted') return;
    // A right that this instance gave itself ends with the outage: its generations are not the fleet's.
    if (outage && outage !== this.#state.outage) return;
    if (ticket.kind === 'probe') {
      await this.#state.write(probeWrite(ticket, outcome, this.#writer()), ticket.circuit);
      return;
    }
    const mayKnowStreak = ticket.streakId !== undefined || outcome.ranMs > DARK_MS;
    if (outcome.verdict !== 'failure' && !mayKnowStreak) return;
    const isSeen = isFresh(this.#state.view, this.#settings.clock.now());
    if (mayKnowStreak && !isSeen && !this.#state.outage) await this.#state.refresh();
    for (let attempt = 1; attempt <= MAX_REPORT_ATTEMPTS; attempt++) {
      const { circuit } = this.#state.view;
      const write = countedWrite(circuit, ticket, outcome, this.#writer());
      if (!write) return;
      const { result } = await this.#state.write(write, circuit);
      // So many failures at once that they cannot even be written: do not wait to be told.
      if (result === 'throttled' && outcome.verdict === 'failure' && this.#hasJustFailed)
        this.#refuseUntilMs = this.#settings.clock.now() + THROTTLED_REFUSAL_MS;
      if (result !== 'refused') return;
    }
  }

  async #overrule(word: Word): Promise<void> {
    if (!Number.isFinite(word.overrideUntil ?? 0)) throw new TypeError('untilMs: expected a time');
    const { store, name } = this.#settings;
    await this.#state.read({ consistent: true });
    if (this.#state.outage?.error.kind === 'malformed') {
      await store.write(name, repair(this.#writer()));
      await this.#state.read({ consistent: true });
    }
    const { circuit } = this.#state.view;
    const write = overrule(circuit, word, this.#writer());
    const written = this.#state.outage ? undefined : await this.#state.write(write, circuit);
    if (this.#state.outage) throw this.#state.outage.error;
    if (written?.result === 'throttled') throw new StoreError('throttled', 'The store throttles');
    // Something else was written at that moment: the word is said again, to what it left.
    if (written?.result !== 'applied') await this.#overrule(word);
  }

  #writer(): Writer {
    const { instanceId, clock, random, callTimeoutMs } = this.#settings;
    return {
      id: instanceId,
      nowMs: clock.now(),
      random: random(),
      probeId: `${instanceId}#${++this.#claims}`,
      rules: { ...this.#settings, leaseMs: callTimeoutMs + LEASE_MARGIN_MS },
    };
  }

  #timeLeft({ remainingMs = Infinity }: ExecuteOptions<unknown>): number {
    const { callTimeoutMs, reserveMs } = this.#settings;
    const leftMs = typeof remainingMs === 'function' ? remainingMs() : remainingMs;
    return Math.min(callTimeoutMs, leftMs - reserveMs);
  }

  #refusal(retryAfterMs: number): CircuitOpenError {
    const { name: circuit } = this.#settings;
    const { generation, reason } = this.#state.view.circuit;
    const state = this.#effectiveState();
    return new CircuitOpenError({ circuit, state, generation, reason, retryAfterMs });
  }

  #effectiveState(): Circuit['state'] {
    const { circuit } = this.#state.view;
    const override = overrideInForce(circuit, this.#settings.clock.now());
    if (!override) return circuit.state;
    return override === 'FORCED_OPEN' ? 'OPEN' : 'CLOSED';
  }

  #record(outcome: CallRecord['outcome'], probe: boolean, latencyMs: number, error: unknown): void {
    const { name, onCall } = this.#settings;
    onCall?.({ name, outcome, probe, latencyMs, ...(error !== undefined && { error }) });
  }
}

/** Named, not quoted: an error's message may hold what does not belong in a table or a log. */
function causeOf(result: CallResult): string {
  if ('value' in result) return 'a result that counts as failed';
  return result.error instanceof Error ? result.error.name : typeof result.error;
}
