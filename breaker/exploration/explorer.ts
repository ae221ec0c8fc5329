import { choicesOf } from './choices.ts';
import { ExploredFleet } from './explored-fleet.ts';
import { keyOfFleet } from './fleet-key.ts';
import type { Plan } from './plan.ts';
import { whyStuck } from './recovery.ts';
import type { Step } from './steps.ts';
import { Visited } from './visited.ts';

export interface Limits {
  readonly maxDepth: number;
  /** Milliseconds of real time. */
  readonly maxMs: number;
  /** One of so many states at the end of a schedule is followed until the circuit has closed. */
  readonly recoverEvery: number;
  readonly onProgress?: (counts: Counts) => void;
}

export interface Counts {
  /** Different sequences of steps that were run to their end: to the bound, or to a known state. */
  schedules: number;
  /** Different states met. */
  states: number;
  /** Steps made, those that lead back to where a schedule branches off included. */
  steps: number;
  /** States from which the fleet was seen to recover. */
  recoveries: number;
  /** Writes that the weakened condition alone would have refused. */
  decided: number;
  /** Every schedule of up to so many steps was tried. */
  depth: number;
  ms: number;
}

export interface Counterexample {
  readonly problem: string;
  readonly schedule: readonly Step[];
}

export interface Explored extends Counts {
  readonly found: Counterexample | undefined;
  /** There are no longer schedules than those that were tried. */
  readonly isExhausted: boolean;
}

/** By how many steps schedules grow from round to round. */
const DEEPENING = 2;
const PROGRESS_EVERY = 2_000;

interface Branching {
  readonly steps: readonly Step[];
  next: number;
}

/**
 * Tries all schedules of a plan, depth first, in rounds of growing depth, so that the first
 * counterexample is a shortest one or one step longer. No state is kept: to go back, the steps up to
 * there are made again by a new fleet. A state that was met after as few steps is not followed again.
 */
export class Explorer {
  readonly counts: Counts = {
    schedules: 0,
    states: 0,
    steps: 0,
    recoveries: 0,
    decided: 0,
    depth: 0,
    ms: 0,
  };
  readonly #plan: Plan;
  readonly #limits: Limits;
  readonly #visited = new Visited();
  readonly #startedMs = performance.now();
  #schedule: Step[] = [];
  #isCutShort = false;

  constructor(plan: Plan, limits: Limits) {
    this.#plan = plan;
    this.#limits = limits;
  }

  explore(): Explored {
    const { maxDepth } = this.#limits;
    for (let bound = DEEPENING; ; bound = Math.min(bound + DEEPENING, maxDepth)) {
      this.#isCutShort = false;
      const found = this.#tryUpTo(bound);
      const isOutOfTime = this.#isOutOfTime;
      if (!found && !isOutOfTime) this.counts.depth = bound;
      const isExhausted = !this.#isCutShort && !isOutOfTime;
      if (found || isOutOfTime || isExhausted || bound === maxDepth)
        return { ...this.#updated(), found, isExhausted };
    }
  }

  /** All schedules of up to `bound` steps. */
  #tryUpTo(bound: number): Counterexample | undefined {
    let fleet = new ExploredFleet(this.#plan);
    let isThere = true;
    this.#schedule = [];
    const branchings: Branching[] = [{ steps: choicesOf(fleet), next: 0 }];
    for (;;) {
      const branching = branchings.at(-1);
      if (!branching || this.#isOutOfTime) return undefined;
      const step = branching.steps[branching.next++];
      if (step === undefined) {
        branchings.pop();
        this.#schedule.pop();
        isThere = false;
        continue;
      }
      if (!isThere) fleet = this.#replay(this.#schedule);
      isThere = true;
      this.#schedule.push(step);
      fleet.perform(step);
      this.counts.steps++;
      this.counts.decided += fleet.decided;
      fleet.decided = 0;
      const [problem] = fleet.monitor.problems;
      if (problem) return this.#counterexample(problem);
      const met = this.#visited.meet(keyOfFleet(fleet), this.#schedule.length, bound);
      if (met !== 'known' && this.#schedule.length < bound) {
        branchings.push({ steps: choicesOf(fleet), next: 0 });
        continue;
      }
      if (met === 'new') {
        this.#isCutShort = true;
        const stuck = this.#whyStuck(fleet);
        if (stuck) return this.#counterexample(stuck);
      }
      this.#endOfSchedule();
      isThere = false;
    }
  }

  /** A state that cannot recover leads to others that cannot, so some of the last ones are enough. */
  #whyStuck(fleet: ExploredFleet): string | undefined {
    if (this.#visited.size % this.#limits.recoverEvery !== 0) return undefined;
    this.counts.recoveries++;
    return whyStuck(fleet);
  }

  #endOfSchedule(): void {
    this.#schedule.pop();
    this.counts.schedules++;
    if (this.counts.schedules % PROGRESS_EVERY === 0) this.#limits.onProgress?.(this.#updated());
  }

  #replay(schedule: readonly Step[]): ExploredFleet {
    const fleet = new ExploredFleet(this.#plan);
    for (const step of schedule) fleet.perform(step);
    fleet.decided = 0;
    this.counts.steps += schedule.length;
    return fleet;
  }

  #counterexample(problem: string): Counterexample {
    return { problem, schedule: [...this.#schedule] };
  }

  #updated(): Counts {
    this.counts.states = this.#visited.size;
    this.counts.ms = performance.now() - this.#startedMs;
    return this.counts;
  }

  get #isOutOfTime(): boolean {
    return performance.now() - this.#startedMs > this.#limits.maxMs;
  }
}
