import type { Item, Write } from 'fleet-breaker';
import type { Instance } from '../simulation/instance.ts';
import type { Monitor } from '../simulation/monitor.ts';
import type { ExploredFleet } from './explored-fleet.ts';
import type { ExploredInstance } from './explored-instance.ts';
import { PRIVATE } from './private-state.ts';
import { type Key, keyOf, type Tokens, tokenize } from './tokens.ts';

/** What the monitor has noted, and judges by. */
interface MonitorState {
  readonly witnesses: ReadonlyMap<Instance, unknown>;
  readonly writers: WeakMap<Write, Writer>;
  readonly probes: readonly {
    readonly instance: { readonly id: string };
    readonly generation: number;
    readonly leaseUntilMs: number;
  }[];
  readonly changes: ReadonlyMap<
    number,
    { readonly write: Write; readonly isKnownToWriter: boolean }
  >;
}

interface Writer {
  readonly call?: { readonly startedAtMs?: number; readonly generation: number } | undefined;
  readonly seen: { readonly item: Item | undefined } | undefined;
}

/**
 * The same for states from which the same can follow, and can be judged the same. It is made of
 * the time, the item and the version before it, of what the plan still allows, of what each instance
 * knows or has been told, of all that is under way, and of what the monitor has noted.
 */
export function keyOfFleet(fleet: ExploredFleet): Key {
  const { time, item, previous, left, strays, operator, monitor } = fleet;
  const noted = stateOf(monitor);
  const shared: Tokens = [];
  // The clocks of the dead count, too: what they have written is judged by them.
  const skewsMs = [...noted.witnesses.keys()].filter(({ isDead }) => isDead).map((i) => i.skewMs);
  tokenize([time.elapsedMs, item, previous, left, skewsMs.some((ms) => ms !== 0)], shared);
  for (const stray of strays) {
    tokenize(stray, shared);
    tokenizeWriter(noted, stray, shared);
  }
  shared.push(...tokensOf(operator, fleet, noted));
  for (const { instance, generation, leaseUntilMs } of noted.probes)
    tokenize([instance.id, generation, leaseUntilMs], shared);
  for (const [generation, { write, isKnownToWriter }] of noted.changes) {
    const { updatedBy, updatedAtMs } = write.set;
    tokenize([generation, write.operation, updatedBy, updatedAtMs, isKnownToWriter], shared);
  }
  tokenize(monitor.published, shared);
  const instances = fleet.instances.map((instance) => {
    return { id: instance.id, tokens: tokensOf(instance, fleet, noted) };
  });
  return keyOf(shared, instances);
}

function tokensOf(instance: ExploredInstance, fleet: ExploredFleet, noted: MonitorState): Tokens {
  const tokens = instance.tokens(fleet.version);
  tokenize(noted.witnesses.get(instance), tokens);
  for (const { write } of instance.contacts) if (write) tokenizeWriter(noted, write, tokens);
  return tokens;
}

function tokenizeWriter({ writers }: MonitorState, write: Write, into: Tokens): void {
  const { call, seen } = writers.get(write) ?? {};
  tokenize([call?.startedAtMs, call?.generation, seen !== undefined, seen?.item], into);
}

function stateOf(monitor: Monitor): MonitorState {
  return (monitor as unknown as { [PRIVATE](): MonitorState })[PRIVATE]();
}
