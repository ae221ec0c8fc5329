import { StoreError } from './errors.ts';
import type { Replica } from './fleet/replica.ts';
import type { Override } from './protocol/circuit.ts';
import { problemOfOverride } from './protocol/codec.ts';
import type { DecisionContext } from './protocol/context.ts';
import { applyOverride, type OverrideRequest } from './protocol/writes.ts';

/** What people tell the circuit, for the whole fleet to obey. */
export class Operator {
  readonly #replica: Replica;
  readonly #newContext: () => DecisionContext;

  constructor(replica: Replica, newContext: () => DecisionContext) {
    this.#replica = replica;
    this.#newContext = newContext;
  }

  force(override: Override, reason: string, untilMs: number | undefined): Promise<void> {
    return this.#applyOverride({ override, overrideUntilMs: untilMs, reason });
  }

  release(reason: string): Promise<void> {
    return this.#applyOverride({ reason });
  }

  async #applyOverride(request: OverrideRequest): Promise<void> {
    const problem = problemOfOverride(request);
    if (problem) throw new StoreError('malformed', problem);
    const replica = this.#replica;
    await replica.readLatest();
    if (replica.outageError) throw replica.outageError;
    const ctx = this.#newContext();
    const write = applyOverride(replica.fleetCircuit, request, ctx);
    const commit = await replica.commit(write);
    if (replica.outageError) throw replica.outageError;
    if (commit.kind === 'throttled') throw new StoreError('throttled', 'The store throttles');
    if (commit.kind === 'refused') await this.#applyOverride(request);
  }
}
