import { runCall, type Settled } from './call.ts';
import { CallTimeoutError, CircuitOpenError, FailedResultError } from './errors.ts';
import type { Settings } from './options.ts';
import type { CircuitStatus } from './ports.ts';
import { type Outage, SharedState } from './shared-state.ts';
import { NEVER_WRITTEN, type Override, overrideInForce } from './state.ts';
import {
  admit,
  countedWrite,
  DARK_MS,
  probeWrite,
  type Ticket,
  type Verdict,
} from './transitions.ts';
import { isFresh } from './view.ts';
import { override, repair, type Write, type Writer } from './writes.ts';

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
type Outcome = { readonly verdict: Verdict; readonly ranMs: number; readonly cause: string };

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
    if (this.#timeLeft(options) <= 0) return answer(new CallTimeoutError(0));
    const admitted = await this.#admit(options.prefetched);
    if (admitted instanceof CircuitOpenError) {
      this.#record('refused', false, 0, admitted);
      return answer(admitted);
    }
    const timeoutMs = Math.max(1, this.#timeLeft(options));
    const { settled, verdict } = await this.#run(call, timeoutMs, admitted);
    if (settled.ok) {
      const isReturned = verdict !== 'failure' || !options.fallback;
      return isReturned ? settled.value : answer(new FailedResultError(settled.value));
    }
    if (verdict === 'failure') return answer(settled.error);
    throw settled.error;
  }

  /** The shared state as people want to see it, by a consistent read. Never rejects. */
  async status(): Promise<CircuitStatus> {
    await this.#state.refreshConsistently();
    const { name, failureThreshold, clock } = this.#settings;
    const { circuit, waitUntilMs } = this.#state.view;
    const nowMs = clock.now();
    const forced = overrideInForce(circuit, nowMs);
    const waits = circuit.state !== 'CLOSED' && Number.isFinite(waitUntilMs);
    return {
      name,
      state: forced ? forcedState(forced) : circuit.state,
      generation: circuit.generation,
      failures: circuit.state === 'CLOSED' ? (circuit.streakFailures ?? 0) : 0,
      failureThreshold,
      ...(circuit.state === 'OPEN' && { openUntil: iso(circuit.openUntil) }),
      ...(waits && !forced && { retryAfterMs: Math.max(0, Math.round(waitUntilMs - nowMs)) }),
      reopenings: circuit.reopenings,
      ...(circuit.state === 'HALF_OPEN' &&
        circuit.probeOwner !== undefined &&
        circuit.probeLeaseUntil !== undefined && {
          probe: { owner: circuit.probeOwner, leaseUntil: iso(circuit.probeLeaseUntil) },
        }),
      ...(forced && { override: forced }),
      ...(forced && circuit.overrideUntil && { overrideUntil: iso(circuit.overrideUntil) }),
      reason: circuit.reason,
      updatedBy: circuit.updatedBy,
      ...(circuit !== NEVER_WRITTEN && { updatedAt: iso(circuit.updatedAt) }),
      store: this.#state.outage ? 'unavailable' : 'available',
    };
  }

  /** Refuses every call of the fleet until `untilMs` (epoch) or release. Rejects with StoreError. */
  forceOpen(reason: string, untilMs?: number): Promise<void> {
    return this.#overrule({ override: 'FORCED_OPEN', untilMs, reason });
  }

  /** Lets every call through, counting nothing, until `untilMs` or release. Rejects with StoreError. */
  forceClosed(reason: string, untilMs?: number): Promise<void> {
    return this.#overrule({ override: 'FORCED_CLOSED', untilMs, reason });
  }

  /** Takes `forceOpen` or `forceClosed` back: the state beneath goes on. Rejects with StoreError. */
  release(reason = 'released'): Promise<void> {
    return this.#overrule({ override: undefined, reason });
  }

  async #admit(prefetched: Prefetch | undefined): Promise<Admitted | CircuitOpenError> {
    const { clock } = this.#settings;
    await prefetched?.done;
    const aheadMs = prefetched ? Math.abs(clock.now() - prefetched.startedAtMs) : Infinity;
    if (aheadMs > DARK_MS && this.#state.isStale()) await this.#state.refresh();
    // One claim may be refused by another instance's; what it shows is then acted on.
    for (let attempt = 1; ; attempt++) {
      const { circuit, waitUntilMs } = this.#state.view;
      const admission = admit(circuit, waitUntilMs, this.#writer());
      if (clock.now() < this.#refuseUntilMs && admission.kind === 'admit')
        return this.#refusal(this.#refuseUntilMs - clock.now());
      const { outage } = this.#state;
      if (admission.kind === 'admit') return { ticket: admission.ticket, outage };
      if (admission.kind === 'refuse') return this.#refusal(admission.retryAfterMs);
      const written = await this.#state.write(admission.write, circuit);
      if (written.result === 'applied' && written.circuit.state === 'HALF_OPEN')
        return { ticket: { kind: 'probe', circuit: written.circuit }, outage: this.#state.outage };
      if (written.result === 'throttled' || attempt === 2) return this.#refusal(0);
    }
  }

  async #run<T>(
    call: (signal: AbortSignal) => Promise<T> | T,
    timeoutMs: number,
    admitted: Admitted,
  ): Promise<{ settled: Settled<T>; verdict: Verdict }> {
    const { clock, slowCallMs, classify } = this.#settings;
    const startedAtMs = clock.now();
    let slowReport: Promise<void> | undefined;
    const report = (verdict: Verdict, cause: string) =>
      this.#report(admitted, { verdict, cause, ranMs: clock.now() - startedAtMs });
    const onSlow = () => {
      slowReport = report('failure', `slower than ${slowCallMs} ms`);
    };
    const settled = await runCall(call, { timeoutMs, slowCallMs, onSlow, clock });
    const latencyMs = clock.now() - startedAtMs;
    const verdict = classify(settled.ok ? { value: settled.value } : { error: settled.error });
    await (slowReport ?? report(verdict, causeOf(settled)));
    this.#hasJustFailed = verdict === 'failure';
    const isProbe = admitted.ticket.kind === 'probe';
    this.#record(verdict, isProbe, latencyMs, settled.ok ? undefined : settled.error);
    return { settled, verdict };
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
    const { clock } = this.#settings;
    if (mayKnowStreak && !isFresh(this.#state.view, clock.now())) await this.#state.refresh();
    for (let attempt = 1; attempt <= MAX_REPORT_ATTEMPTS; attempt++) {
      const { circuit } = this.#state.view;
      const write = countedWrite(circuit, ticket, outcome, this.#writer());
      if (!write) return;
      const { result } = await this.#state.write(write, circuit);
      if (result === 'throttled') this.#holdBack(outcome);
      if (result !== 'refused') return;
    }
  }

  /** So many failures at once that they cannot even be written: do not wait to be told. */
  #holdBack({ verdict }: Outcome): void {
    if (verdict === 'failure' && this.#hasJustFailed)
      this.#refuseUntilMs = this.#settings.clock.now() + THROTTLED_REFUSAL_MS;
  }

  async #overrule(word: {
    override: Override | undefined;
    untilMs?: number | undefined;
    reason: string;
  }): Promise<void> {
    const { store, name } = this.#settings;
    for (;;) {
      await this.#state.refreshConsistently();
      const { outage } = this.#state;
      if (outage?.error.kind === 'malformed') {
        const write = override(NEVER_WRITTEN, word, this.#writer());
        await store.write(name, repair(write, this.#writer()));
        return this.#state.refreshConsistently();
      }
      if (outage) throw outage.error;
      const { circuit } = this.#state.view;
      const write: Write = override(circuit, word, this.#writer());
      const { result } = await this.#state.write(write, circuit);
      const failed = this.#state.outage as Outage | undefined;
      if (failed) throw failed.error;
      if (result === 'applied') return;
    }
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
    const { circuit } = this.#state.view;
    const forced = overrideInForce(circuit, this.#settings.clock.now());
    return new CircuitOpenError({
      circuit: this.#settings.name,
      state: forced ? forcedState(forced) : circuit.state,
      generation: circuit.generation,
      reason: circuit.reason,
      retryAfterMs,
    });
  }

  #record(outcome: Verdict | 'refused', probe: boolean, latencyMs: number, error: unknown): void {
    const { name, onCall } = this.#settings;
    onCall?.({ name, outcome, probe, latencyMs, ...(error !== undefined && { error }) });
  }
}

/** Named, not quoted: an error's message may hold what does not belong in a table or a log. */
function causeOf(settled: Settled<unknown>): string {
  if (settled.ok) return 'a result that counts as failed';
  return settled.error instanceof Error ? settled.error.name : typeof settled.error;
}

function forcedState(forced: Override): 'OPEN' | 'CLOSED' {
  return forced === 'FORCED_OPEN' ? 'OPEN' : 'CLOSED';
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
