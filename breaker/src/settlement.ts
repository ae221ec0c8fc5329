import type { Replica } from './fleet/replica.ts';
import type { HeldPermit } from './held-permit.ts';
import type { Settings } from './options.ts';
import type { Permit } from './protocol/admit.ts';
import type { Circuit, ClosedCircuit } from './protocol/circuit.ts';
import type { DecisionContext } from './protocol/context.ts';
import { FAIR_SAMPLE_MS, hasLiveStreak, streakSettledForMs } from './protocol/fair-sample.ts';
import { sampled, sampledOneIn } from './protocol/sampling.ts';
import { type FinishedCall, type Report, settle } from './protocol/settle.ts';
import { Reports } from './reports.ts';

/** How long calls are refused when even their failures cannot be written. */
const THROTTLED_REFUSAL_MS = 1_000;
/** A view younger than this is fresh enough to settle a call on. */
const SETTLE_MAX_AGE_MS = 20;
/** A result is refused at most by a new streak, a grown one, and a trip. */
const MAX_SETTLE_ATTEMPTS = 3;

type CountedPermit = Extract<Permit, { kind: 'counted' }>;
type SettlementSettings = Pick<Settings, 'clock' | 'random' | 'mirrors' | 'streakWindowMs'>;

/** Settles the results of calls: most change nothing, the others are written to the circuit. */
export class Settlement {
  readonly #settings: SettlementSettings;
  readonly #replica: Replica;
  readonly #reports: Reports;
  readonly #newContext: () => DecisionContext;
  #hasJustFailed = false;
  #refuseUntilMs = 0;

  constructor(settings: SettlementSettings, replica: Replica, newContext: () => DecisionContext) {
    this.#settings = settings;
    this.#replica = replica;
    this.#reports = new Reports(settings);
    this.#newContext = newContext;
  }

  /**
   * Reports a call's result: to the fleet, or in local mode to the view. Undefined where there is
   * nothing to report, as for most calls.
   */
  settle(held: HeldPermit, call: FinishedCall): Promise<void> | undefined {
    if (held.permit.kind === 'uncounted') return undefined;
    this.#reports.learn(call);
    if (!this.#changesNothing(held, call)) return this.#report(held, call);
    this.#hasJustFailed = false;
    return undefined;
  }

  /** Whether the call did not fail, and neither before nor after it there were failures to end. */
  #changesNothing({ permit, fleetCircuit }: HeldPermit, call: FinishedCall): boolean {
    const replica = this.#replica;
    const isByFleet = replica.localId === undefined && !replica.isStoreDown;
    if (!isByFleet || permit.kind !== 'counted') return false;
    if (call.verdict === 'failure' || call.ranMs > FAIR_SAMPLE_MS) return false;
    return isWithoutStreak(fleetCircuit) && isWithoutStreak(replica.fleetCircuit);
  }

  async #report(held: HeldPermit, call: FinishedCall): Promise<void> {
    const isSettled = await this.#reportToFleet(held, call);
    if (!isSettled) this.#reportLocally(held, call);
    this.#hasJustFailed = call.verdict === 'failure';
  }

  /**
   * Reports to the fleet whatever this instance's store allows by now: also the result of a call
   * that was admitted in local mode, since it counts for the generation that was known then.
   * Answers whether there is nothing left to report locally.
   */
  async #reportToFleet(held: HeldPermit, call: FinishedCall): Promise<boolean> {
    const replica = this.#replica;
    const permit = fleetPermit(held);
    if (permit === undefined) return false;
    // A store that is out of reach is asked for the sake of a failure only.
    if (replica.isStoreDown && call.verdict !== 'failure') return false;
    if (!(await replica.canReport())) return false;
    const report = await this.#reportOf(permit, call);
    if (report === undefined) return replica.localId === undefined;
    for (let attempt = 1; attempt <= MAX_SETTLE_ATTEMPTS; attempt++) {
      if (replica.isStoreDown) return false;
      // It is hasty once: what refuses that shows the latest score.
      const asked = attempt === 1 ? report : { ...report, isHasty: false };
      const write = settle(replica.fleetCircuit, permit, asked, this.#newContext());
      if (write === undefined) break;
      const commit = await replica.commit(write);
      if (commit.kind === 'applied') return true;
      if (commit.kind === 'throttled') return this.#afterThrottledReport(permit, call);
      if (commit.kind === 'unreachable') return false;
    }
    return replica.localId === undefined;
  }

  /**
   * Counts the result in this instance's own circuit, which begins as the fleet's. A permit given
   * in another time of local mode is of no meaning: its generation is not this one's.
   */
  #reportLocally(held: HeldPermit, call: FinishedCall): void {
    const replica = this.#replica;
    const isOtherLocalMode = held.localId !== undefined && held.localId !== replica.localId;
    if (isOtherLocalMode) return;
    const report = this.#reports.forItself(call);
    const write = settle(replica.view.circuit, held.permit, report, this.#newContext());
    if (write !== undefined) replica.commitLocally(write);
  }

  /** How long calls are refused because not even their failures could be written. */
  get pauseMs(): number {
    if (this.#refuseUntilMs === 0) return 0;
    const pauseMs = this.#refuseUntilMs - this.#settings.clock.now();
    // A pause longer than the longest means that the clock was set back.
    return pauseMs > THROTTLED_REFUSAL_MS ? 0 : pauseMs;
  }

  /**
   * The report of a call, with the view as fresh as it has to be. Undefined for a call that another
   * stands for. The view of a call that ran long may be too old to tell, so it is asked again.
   */
  async #reportOf(permit: Permit, call: FinishedCall): Promise<Report | undefined> {
    const replica = this.#replica;
    const reports = this.#reports;
    const all = reports.forFleet(call, replica.closedMaxAgeMs);
    // A probe decides by itself: no other call stands for it, and it needs no read.
    if (permit.kind !== 'counted') return all;
    if (!happensOnceIn(replica.reportsOneIn, this.#settings.random)) return undefined;
    if (!this.#needsFreshView(permit, all)) return sampled(all, this.#oneIn());
    // Twice as many as may be needed read, for the demand may have fallen since the last look.
    const report = sampled(all, Math.ceil(this.#oneIn() / 2));
    if (report === undefined) return undefined;
    await replica.refreshByItemIfOlderThan(SETTLE_MAX_AGE_MS);
    return sampled(report, this.#oneIn());
  }

  #oneIn(): number {
    return sampledOneIn(this.#replica.fleetCircuit, this.#settings.clock.now());
  }

  /**
   * Whether a read must come before the report: only a call that can have met a streak counts, and
   * only a fresh view shows whether there is one. Where it is known to be too new for any call to
   * count, none is needed.
   */
  #needsFreshView(permit: CountedPermit, report: Report): boolean {
    if (report.verdict === 'ignored') return false;
    const isLive = (circuit: Circuit): circuit is ClosedCircuit =>
      hasLiveStreak(circuit, this.#settings.clock.now(), this.#settings.streakWindowMs);
    const { fleetCircuit } = this.#replica;
    if (isLive(fleetCircuit)) {
      const settledForMs = streakSettledForMs(fleetCircuit, report, this.#newContext());
      if (settledForMs < 0) return false;
    }
    return report.ranMs > FAIR_SAMPLE_MS || isLive(permit.circuit);
  }

  /**
   * After a report that was refused for the item's rate: whether nothing is left to report. A
   * failure still counts in this instance's own circuit. After two in a row failures are so frequent
   * that the fleet is about to trip, and this instance refuses calls for a while.
   */
  #afterThrottledReport(permit: Permit, { verdict }: FinishedCall): boolean {
    // A probe that cannot report is over with its lease, for this instance as for the others.
    if (permit.kind === 'probe') return true;
    if (verdict !== 'failure') return this.#replica.localId === undefined;
    if (this.#hasJustFailed) {
      this.#refuseUntilMs = this.#settings.clock.now() + THROTTLED_REFUSAL_MS;
    }
    return false;
  }
}

/** Draws nothing where it always happens. */
function happensOnceIn(times: number, random: () => number): boolean {
  return times === 1 || random() * times < 1;
}

function isWithoutStreak(circuit: Circuit): boolean {
  return circuit.state === 'CLOSED' && circuit.streakStartedAtMs === undefined;
}

/**
 * The right of a call to count in the fleet's circuit. A call that was admitted in local mode has
 * it if the fleet's circuit was closed when it was last known, and then counts for that generation.
 */
function fleetPermit({ permit, localId, fleetCircuit }: HeldPermit): Permit | undefined {
  if (localId === undefined) return permit;
  if (fleetCircuit.state !== 'CLOSED') return undefined;
  return { kind: 'counted', circuit: fleetCircuit };
}
