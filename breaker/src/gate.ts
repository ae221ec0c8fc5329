import { CircuitOpenError } from './errors.ts';
import type { Replica } from './fleet/replica.ts';
import type { Settings } from './options.ts';
import { admit, type Permit } from './protocol/admit.ts';
import { stateInForce } from './protocol/circuit.ts';
import type { Write } from './protocol/conditional-write.ts';
import type { DecisionContext } from './protocol/context.ts';
import { FAIR_SAMPLE_MS, type FinishedCall, hasLiveStreak, settle } from './protocol/settle.ts';

/** A permit, and the outage during which it was given, if there was one. */
export interface HeldPermit {
  readonly permit: Permit;
  readonly outageId: number | undefined;
}

/** How long calls are refused when even their failures cannot be written. */
const THROTTLED_REFUSAL_MS = 1_000;
/** A view younger than this is fresh enough to settle a call on. */
const SETTLE_MAX_AGE_MS = 20;
/** A claim may be refused once by another's, whose result is then obeyed. */
const MAX_CLAIMS = 2;
/** A result is refused at most by a new streak, a grown one, and a trip. */
const MAX_SETTLE_ATTEMPTS = 3;

/** Lets calls through to the downstream, or not, and settles their results. */
export class Gate {
  readonly #settings: Pick<Settings, 'name' | 'clock'>;
  readonly #replica: Replica;
  readonly #newContext: () => DecisionContext;
  #hasJustFailed = false;
  #refuseUntilMs = 0;

  constructor(
    settings: Pick<Settings, 'name' | 'clock'>,
    replica: Replica,
    newContext: () => DecisionContext,
  ) {
    this.#settings = settings;
    this.#replica = replica;
    this.#newContext = newContext;
  }

  /** Brings the view up to date for a call's admission. Never rejects. */
  async refresh(prefetched?: Promise<void>): Promise<void> {
    const replica = this.#replica;
    if (prefetched === undefined) return replica.refreshIfOlderThan(replica.maxAgeMs());
    await prefetched;
    // What was read ahead serves although the call begins a little later.
    const ageMs = Math.max(replica.maxAgeMs(), FAIR_SAMPLE_MS);
    return replica.refreshIfOlderThan(ageMs);
  }

  /** The permit of a call, or the refusal that it gets. */
  async admit(): Promise<HeldPermit | CircuitOpenError> {
    const pauseMs = this.#pauseMs();
    if (pauseMs > 0) return this.#refusal(pauseMs);
    return this.#admitOrClaim();
  }

  /** Reports a call's result: to the fleet, or in local mode to the view. */
  async settle(held: HeldPermit, call: FinishedCall): Promise<void> {
    await this.#report(held, call);
    this.#hasJustFailed = call.verdict === 'failure';
  }

  async #report(held: HeldPermit, call: FinishedCall): Promise<void> {
    const { permit, outageId } = held;
    if (permit.kind === 'uncounted') return;
    const replica = this.#replica;
    // A permit given in local mode is of no meaning after the outage: its
    // generation is not the fleet's.
    if (outageId !== undefined && outageId !== replica.outageId) return;
    if (this.#needsFreshView(permit, call)) await replica.refreshIfOlderThan(SETTLE_MAX_AGE_MS);
    for (let attempt = 1; attempt <= MAX_SETTLE_ATTEMPTS; attempt++) {
      const ctx = this.#newContext();
      const write = settle(replica.view.circuit, permit, call, ctx);
      if (write === undefined) return;
      const commit = await replica.commit(write);
      if (commit.kind === 'throttled') this.#pauseIfFailing(call);
      if (commit.kind !== 'refused') return;
    }
  }

  /**
   * Decides on the view, and again after a claim that another instance's has
   * refused, because the view then shows what that one has made of the circuit.
   */
  async #admitOrClaim(): Promise<HeldPermit | CircuitOpenError> {
    for (let claims = 0; claims <= MAX_CLAIMS; claims++) {
      const admission = admit(this.#replica.view, this.#newContext());
      if (admission.kind === 'refuse') return this.#refusal(admission.retryAfterMs);
      if (admission.kind === 'admit') return this.#held(admission.permit);
      if (claims === MAX_CLAIMS) break;
      const permit = await this.#claimProbe(admission.write);
      if (permit === 'throttled') break;
      if (permit !== 'refused') return this.#held(permit);
    }
    return this.#refusal(0);
  }

  async #claimProbe(write: Write): Promise<Permit | 'refused' | 'throttled'> {
    const commit = await this.#replica.commit(write);
    if (commit.kind !== 'applied') return commit.kind;
    const { circuit } = commit;
    // A claim leaves nothing but a half-open circuit behind.
    if (circuit.state !== 'HALF_OPEN') return 'refused';
    return { kind: 'probe', circuit };
  }

  #held(permit: Permit): HeldPermit {
    return { permit, outageId: this.#replica.outageId };
  }

  /**
   * Whether a read must come before the report: only a call that can have met
   * a streak counts, and whether there is one, the view tells only if it is
   * fresh. A probe speaks for itself, and in local mode there is nobody to ask.
   */
  #needsFreshView(permit: Permit, call: FinishedCall): boolean {
    if (permit.kind !== 'counted') return false;
    if (this.#replica.outageId !== undefined) return false;
    if (call.ranMs > FAIR_SAMPLE_MS) return true;
    return hasLiveStreak(permit.circuit, this.#newContext());
  }

  /**
   * There are so many failures at once that they cannot even be written. This
   * instance, if its previous call failed, too, does not wait to be told.
   */
  #pauseIfFailing({ verdict }: FinishedCall): void {
    if (verdict !== 'failure' || !this.#hasJustFailed) return;
    const nowMs = this.#settings.clock.now();
    this.#refuseUntilMs = nowMs + THROTTLED_REFUSAL_MS;
  }

  #pauseMs(): number {
    const pauseMs = this.#refuseUntilMs - this.#settings.clock.now();
    // A pause longer than the longest means that the clock was set back.
    return pauseMs > THROTTLED_REFUSAL_MS ? 0 : pauseMs;
  }

  #refusal(retryAfterMs: number): CircuitOpenError {
    const { circuit } = this.#replica.view;
    return new CircuitOpenError({
      circuit: this.#settings.name,
      state: stateInForce(circuit, this.#settings.clock.now()),
      generation: circuit.generation,
      reason: circuit.reason,
      retryAfterMs,
    });
  }
}
