import { CircuitOpenError, type Refusal, withoutStack } from './errors.ts';
import type { Commit, Replica } from './fleet/replica.ts';
import type { HeldPermit } from './held-permit.ts';
import type { Settings } from './options.ts';
import { type Admission, admit, type Permit } from './protocol/admit.ts';
import { type Circuit, type HalfOpenCircuit, stateInForce } from './protocol/circuit.ts';
import type { Write } from './protocol/conditional-write.ts';
import type { DecisionContext } from './protocol/context.ts';
import { FAIR_SAMPLE_MS } from './protocol/fair-sample.ts';
import type { FinishedCall } from './protocol/settle.ts';
import { Settlement } from './settlement.ts';

/** In local mode a probe that the fleet is waiting for is claimed this often at most. */
const FLEET_CLAIM_INTERVAL_MS = 1_000;
/** A claim may be refused once by another's, whose result is then obeyed. */
const MAX_CLAIMS = 2;

type GateSettings = Pick<
  Settings,
  'name' | 'clock' | 'random' | 'mirrors' | 'streakWindowMs' | 'storeBudget'
>;

/** Admits calls to the downstream, or refuses them, and settles their results. */
export class Gate {
  readonly #settings: GateSettings;
  readonly #replica: Replica;
  readonly #settlement: Settlement;
  readonly #newContext: (nowMs?: number) => DecisionContext;
  #claimedForFleetAtMs = -Infinity;

  constructor(
    settings: GateSettings,
    replica: Replica,
    newContext: (nowMs?: number) => DecisionContext,
  ) {
    this.#settings = settings;
    this.#replica = replica;
    this.#settlement = new Settlement(settings, replica, newContext);
    this.#newContext = newContext;
  }

  /** Brings the view up to date for a call's admission. Never rejects. */
  refresh(prefetched?: Promise<void>): Promise<void> {
    if (prefetched) return this.#refreshAfter(prefetched);
    return this.#replica.refreshIfOlderThan(this.#replica.maxAgeMs());
  }

  async #refreshAfter(prefetched: Promise<void>): Promise<void> {
    const replica = this.#replica;
    // It may be any promise of the caller's, such as one of several things at once.
    await this.#settled(prefetched);
    // What was read ahead serves although the call begins a little later.
    const ageMs = Math.max(replica.maxAgeMs(), FAIR_SAMPLE_MS);
    return replica.refreshIfOlderThan(ageMs);
  }

  /** Waits for the caller's promise, no longer than for a read that has to connect. */
  #settled(prefetched: Promise<void>): Promise<void> {
    const { clock, storeBudget } = this.#settings;
    return new Promise((resolve) => {
      const cancel = clock.after(storeBudget.connectMs, resolve);
      const done = () => {
        cancel();
        resolve();
      };
      Promise.resolve(prefetched).then(done, done);
    });
  }

  /** Whether `refresh` would do nothing. */
  isFresh(nowMs: number): boolean {
    return this.#replica.isFresh(nowMs);
  }

  /** What `admit` comes to where it writes nothing: the fleet decides, and no probe is due. */
  admitAtOnce(nowMs: number): HeldPermit | CircuitOpenError | undefined {
    const replica = this.#replica;
    if (replica.localId !== undefined) return undefined;
    const admission = admit(replica.view, this.#newContext(nowMs));
    return admission.kind === 'claim' ? undefined : this.#decided(admission);
  }

  /** The permit of a call, or the refusal that it gets. */
  async admit(): Promise<HeldPermit | CircuitOpenError> {
    return (await this.#claimForFleet()) ?? (await this.#admitOrClaim());
  }

  /** Reports a call's result. Undefined where there is nothing to report, as for most calls. */
  settle(held: HeldPermit, call: FinishedCall): Promise<void> | undefined {
    return this.#settlement.settle(held, call);
  }

  /**
   * Decides on the view, and again after a claim that another instance's has
   * refused, because the view then shows what that one has made of the circuit.
   */
  async #admitOrClaim(): Promise<HeldPermit | CircuitOpenError> {
    for (let claims = 0; claims <= MAX_CLAIMS; claims++) {
      const admission = admit(this.#replica.view, this.#newContext());
      if (admission.kind !== 'claim') return this.#decided(admission);
      if (claims === MAX_CLAIMS) break;
      const commit = await this.#claimProbe(admission.write);
      if (commit.kind === 'throttled') break;
      if (commit.kind !== 'applied') continue;
      return this.#heldProbe(commit.circuit);
    }
    return this.#refusal(0);
  }

  #decided(admission: Exclude<Admission, { kind: 'claim' }>): HeldPermit | CircuitOpenError {
    if (admission.kind === 'refuse') return this.#refusal(admission.retryAfterMs, admission.reason);
    const { permit } = admission;
    const pauseMs = permit.kind === 'counted' ? this.#settlement.pauseMs : 0;
    return pauseMs > 0 ? this.#refusal(pauseMs) : this.#held(permit);
  }

  /**
   * In local mode the store may answer reads while no write gets through. Then the fleet's circuit
   * may be due for a probe that nobody makes, for each instance decides on a circuit of its own. So
   * this one tries to claim it now and then, which also finds out whether writes get through again.
   */
  async #claimForFleet(): Promise<HeldPermit | undefined> {
    const replica = this.#replica;
    if (replica.localId === undefined || replica.isStoreDown) return undefined;
    const nowMs = this.#settings.clock.now();
    if (Math.abs(nowMs - this.#claimedForFleetAtMs) < FLEET_CLAIM_INTERVAL_MS) return undefined;
    const admission = admit(replica.fleetView, this.#newContext());
    if (admission.kind !== 'claim') return undefined;
    this.#claimedForFleetAtMs = nowMs;
    const commit = await replica.commit(admission.write);
    return commit.kind === 'applied' ? this.#heldProbe(commit.circuit) : undefined;
  }

  /**
   * The claim of a probe: in the fleet's circuit or, in local mode, in this instance's own. A claim
   * that finds the store out of reach is not made locally at once; the call is decided anew, on an
   * own circuit that waits for another open period first.
   */
  async #claimProbe(write: Write): Promise<Commit> {
    const replica = this.#replica;
    if (replica.localId !== undefined) return replica.commitLocally(write);
    return replica.commit(write);
  }

  #heldProbe(claimed: Circuit): HeldPermit {
    // A claim leaves nothing but a half-open circuit behind.
    return this.#held({ kind: 'probe', circuit: claimed as HalfOpenCircuit });
  }

  #held(permit: Permit): HeldPermit {
    const { localId, fleetCircuit } = this.#replica;
    return { permit, localId, fleetCircuit };
  }

  #refusal(retryAfterMs: number, ownReason?: string): CircuitOpenError {
    const { circuit } = this.#replica.view;
    const refusal: Refusal = {
      circuit: this.#settings.name,
      state: stateInForce(circuit, this.#settings.clock.now()),
      generation: circuit.generation,
      reason: ownReason ?? circuit.reason,
      retryAfterMs,
    };
    return withoutStack(() => new CircuitOpenError(refusal));
  }
}
