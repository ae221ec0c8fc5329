import { type Call, runCall } from './call.ts';
import { CallTimeoutError, CircuitOpenError, FailedResultError, StoreError } from './errors.ts';
import { type CallResult, type Settings, statusOf } from './options.ts';
import type { CallRecord, CircuitStatus } from './ports.ts';
import { type Outage, SharedState } from './shared-state.ts';
import { type Circuit, NEVER_WRITTEN, overrideInForce } from './state.ts';
import { decode } from './stores/item-codec.ts';
import { admit, DARK_MS, hasLiveStreak, type Outcome, report, type Ticket } from './transitions.ts';
import { overrule, type Word, type Writer } from './writes.ts';

export interface ExecuteOptions<F> {
  /**
   * Answers for a refused or failed call, given CircuitOpenError, CallTimeoutError, FailedResultError
   * or what it threw. Without it that error is thrown, or the value that counts as failed returned.
   */
  readonly fallback?: (error: unknown) => F | Promise<F>;
  /** The milliseconds the instance has left, as Lambda's context tells it. */
  readonly remainingMs?: number | (() => number);
  /** What `prefetch` gave earlier in this invocation, so that the read costs no time now. */
  readonly prefetched?: Promise<void>;
}

type Options = ExecuteOptions<unknown>;
/** A call's right to run. `outage`: given by this instance alone, and of no meaning after it. */
type Admitted = { ticket: Ticket | undefined; outage: Outage | undefined };
type Made = Omit<CallRecord, 'name' | 'error'> & { readonly result: CallResult };

/** Refused locally after a failure could not be reported because the item is written too often. */
const THROTTLED_REFUSAL_MS = 1_000;
/** With a view younger than this a call is reported without a read. */
const REPORT_FRESH_MS = 20;

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

  /** Reads the view, if a call now would need that. Never rejects; need not be awaited. */
  async prefetch(): Promise<void> {
    await this.#state.refresh(this.#state.servesMs());
  }

  /** Makes the call if the circuit lets it, and reports before it returns: instances freeze then. */
  async execute<T, F = T>(call: Call<T>, options: ExecuteOptions<F> = {}): Promise<T | F> {
    const { name, onCall } = this.#settings;
    const { result, ...record } = await this.#make(call, options);
    onCall?.({ name, ...record, ...('error' in result && result) });
    const hasFailed = record.outcome === 'refused' || record.outcome === 'failure';
    if (options.fallback && hasFailed) return options.fallback(errorOf(result));
    if ('error' in result) throw result.error;
    return result.value as T;
  }

  /** The shared state as people want to see it, by a consistent read. Never rejects. */
  async status(): Promise<CircuitStatus> {
    const trouble = await this.#state.read(true);
    const admission = admit(this.#state.view, this.#writer());
    const readable = Object.entries(this.#state.view.circuit).map(([name, value]) => {
      const isTime = /(At|Until)$/.test(name) && Number(value) > 0;
      return [name, isTime ? new Date(value).toISOString() : value];
    });
    return {
      name: this.#settings.name,
      ...(Object.fromEntries(readable) as Circuit),
      state: this.#stateInForce(),
      ...(admission.kind === 'refuse' && { retryAfterMs: Math.round(admission.retryAfterMs) }),
      store: trouble ? 'unavailable' : 'available',
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

  async #make(call: Call<unknown>, options: Options): Promise<Made> {
    const admitted = await this.#admit(options);
    if (admitted instanceof Error)
      return { result: { error: admitted }, outcome: 'refused', probe: false, latencyMs: 0 };
    const { clock, slowCallMs, classify } = this.#settings;
    const startedAtMs = clock.now();
    const reported = (verdict: Outcome['verdict'], cause: string) =>
      this.#report(admitted, { verdict, cause, ranMs: clock.now() - startedAtMs });
    let slow: Promise<void> | undefined;
    const onSlow = () => {
      slow = reported('failure', `slower than ${slowCallMs} ms`);
    };
    const limits = { timeoutMs: Math.max(1, this.#timeLeft(options)), slowCallMs, onSlow, clock };
    const result = await runCall(call, limits);
    const latencyMs = clock.now() - startedAtMs;
    const outcome = classify(result);
    await (slow ?? reported(outcome, causeOf(result)));
    this.#hasJustFailed = outcome === 'failure';
    return { result, outcome, probe: admitted.ticket?.state === 'HALF_OPEN', latencyMs };
  }

  async #admit(options: Options): Promise<Admitted | Error> {
    const late = () => new CallTimeoutError('No time left for a call');
    if (this.#timeLeft(options) <= 0) return late();
    const { clock } = this.#settings;
    const state = this.#state;
    await options.prefetched;
    await state.refresh(Math.max(state.servesMs(), options.prefetched ? DARK_MS : 0));
    if (this.#timeLeft(options) <= 0) return late();
    const pauseMs = this.#refuseUntilMs - clock.now();
    // Longer than it can be: the clock was set back.
    if (pauseMs > 0 && pauseMs <= THROTTLED_REFUSAL_MS) return this.#refusal(pauseMs);
    // A claim may be refused by another instance's: what that shows is acted on, with one claim more.
    for (let attempt = 1; ; attempt++) {
      const admission = admit(state.view, this.#writer());
      if (admission.kind === 'refuse') return this.#refusal(admission.retryAfterMs);
      if (admission.kind === 'admit') return { ...admission, outage: state.outage };
      const claimed = attempt <= 2 && (await state.write(admission.write));
      if (typeof claimed === 'object') return { ticket: claimed as Ticket, outage: state.outage };
      if (claimed !== 'refused') return this.#refusal(0);
    }
  }

  async #report({ ticket, outage }: Admitted, outcome: Outcome): Promise<void> {
    const state = this.#state;
    // A right that this instance gave itself ends with the outage: its generations are not the fleet's.
    if (!ticket || (outage && outage !== state.outage)) return;
    const isProbe = ticket.state === 'HALF_OPEN';
    const mayKnowStreak = outcome.ranMs > DARK_MS || hasLiveStreak(ticket, this.#writer());
    if (!isProbe && mayKnowStreak && !state.outage) await state.refresh(REPORT_FRESH_MS);
    // Refused at most by: a streak just opened (or a view of no item), one just grown, a trip.
    for (let attempt = 1; attempt <= 3; attempt++) {
      const write = report(state.view.circuit, ticket, outcome, this.#writer());
      const written = write && (await state.write(write));
      // So many failures at once that they cannot even be written: do not wait to be told.
      if (written === 'throttled' && outcome.verdict === 'failure' && this.#hasJustFailed)
        this.#refuseUntilMs = this.#settings.clock.now() + THROTTLED_REFUSAL_MS;
      if (written !== 'refused') return;
    }
  }

  async #overrule(word: Word): Promise<void> {
    // Before it makes an item of which the fleet could make no sense.
    decode({ ...NEVER_WRITTEN, ...word });
    const state = this.#state;
    await state.read(true);
    const write = overrule(state.view.circuit, word, this.#writer());
    const written = state.outage ?? (await state.write(write));
    if (state.outage) throw state.outage.error;
    if (written === 'throttled') throw new StoreError('throttled', 'The store throttles');
    if (written === 'refused') await this.#overrule(word);
  }

  #writer(): Writer {
    const { instanceId, clock, random } = this.#settings;
    const probeId = `${instanceId}#${++this.#claims}`;
    return { ...this.#settings, nowMs: clock.now(), random: random(), probeId };
  }

  #timeLeft({ remainingMs = Infinity }: Options): number {
    const { callTimeoutMs, reserveMs } = this.#settings;
    const leftMs = typeof remainingMs === 'function' ? remainingMs() : remainingMs;
    return Math.min(callTimeoutMs, leftMs - reserveMs);
  }

  #refusal(retryAfterMs: number): CircuitOpenError {
    const { generation, reason } = this.#state.view.circuit;
    const shown = { circuit: this.#settings.name, state: this.#stateInForce(), generation, reason };
    return new CircuitOpenError({ ...shown, retryAfterMs });
  }

  #stateInForce(): Circuit['state'] {
    const { circuit } = this.#state.view;
    const override = overrideInForce(circuit, this.#settings.clock.now());
    if (!override) return circuit.state;
    return override === 'FORCED_OPEN' ? 'OPEN' : 'CLOSED';
  }
}

function errorOf(result: CallResult): unknown {
  if ('error' in result) return result.error;
  return new FailedResultError('The call returned a failure', { cause: result.value });
}

/** Named, not quoted: an error's message may hold what does not belong in a table or a log. */
function causeOf(result: CallResult): string {
  const status = statusOf(result);
  if (status !== undefined) return `HTTP ${status}`;
  if ('value' in result) return 'a result that counts as failed';
  return result.error instanceof Error ? result.error.name : typeof result.error;
}
