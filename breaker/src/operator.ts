import { listed, problem, problemsIn, textProblem } from './checks.ts';
import { StoreError } from './errors.ts';
import type { Replica } from './fleet/replica.ts';
import type { Circuit, Override } from './protocol/circuit.ts';
import type { Write } from './protocol/conditional-write.ts';
import type { DecisionContext } from './protocol/context.ts';
import { applyOverride, close } from './protocol/writes.ts';

/** The write that an operator's request makes; undefined where the circuit is so already. */
type Decision = (current: Circuit, ctx: DecisionContext) => Write | undefined;

/**
 * An operator's overrides, which the whole fleet obeys. Unlike a call, an operator waits for the store
 * and gets its error when it does not answer: an override that only this instance knew would be worse
 * than none.
 */
export class Operator {
  readonly #replica: Replica;
  readonly #newContext: () => DecisionContext;

  constructor(replica: Replica, newContext: () => DecisionContext) {
    this.#replica = replica;
    this.#newContext = newContext;
  }

  async force(override: Override, reason: string, untilMs: number | undefined): Promise<void> {
    check(reasonProblem(reason), untilProblem(untilMs, this.#newContext().nowMs));
    const request = { override, overrideUntilMs: untilMs, reason };
    await this.#decide((current, ctx) => applyOverride(current, request, ctx));
  }

  async release(reason: string): Promise<void> {
    check(reasonProblem(reason));
    await this.#decide((current, ctx) => {
      if (current.override === undefined) return undefined;
      return applyOverride(current, { reason }, ctx);
    });
  }

  async close(reason: string): Promise<void> {
    check(reasonProblem(reason));
    await this.#decide((current, ctx) => {
      if (isUntroubled(current)) return undefined;
      return close(current, reason, ctx);
    });
  }

  /** Decides on the latest item, and again if that has changed meanwhile. */
  async #decide(decision: Decision): Promise<void> {
    const replica = this.#replica;
    const error = await replica.readLatest();
    if (error) throw error;
    const write = decision(replica.fleetCircuit, this.#newContext());
    if (write === undefined) return;
    const commit = await replica.commit(write);
    if (replica.outageError) throw replica.outageError;
    if (commit.kind === 'throttled') throw new StoreError('throttled', 'The store throttles');
    if (commit.kind === 'refused') await this.#decide(decision);
  }
}

/** Nothing is left to close, and a transition would say that something was. */
function isUntroubled({ state, override, ...circuit }: Circuit): boolean {
  if (state !== 'CLOSED' || override !== undefined) return false;
  return !('streakScore' in circuit) || circuit.streakScore === undefined;
}

/** Before anything is read: nobody could understand the item afterwards. */
function check(...problems: readonly (string | undefined)[]): void {
  const found = problemsIn(problems);
  if (found.length > 0) throw new TypeError(listed('The circuit is left as it was', found));
}

function reasonProblem(reason: unknown): string | undefined {
  return textProblem('reason', reason);
}

/** A duration in the place of a time would be an override that is over. */
function untilProblem(untilMs: unknown, nowMs: number): string | undefined {
  if (untilMs === undefined) return undefined;
  const isTime = typeof untilMs === 'number' && !Number.isNaN(new Date(untilMs).getTime());
  if (isTime && untilMs >= nowMs) return undefined;
  return problem('untilMs', untilMs, 'a time to come, in epoch milliseconds');
}
