import type { Item, Write } from 'fleet-breaker';
import { type StreakRules, scoreOf, scoreProblem } from './streak-rules.ts';

/** The ways of the state that nobody but an operator may leave. */
const LEGAL_PATHS = new Set([
  'CLOSED to OPEN',
  'OPEN to HALF_OPEN',
  'HALF_OPEN to HALF_OPEN',
  'HALF_OPEN to OPEN',
  'HALF_OPEN to CLOSED',
]);

/** An operator may take the state anywhere. */
const OPERATORS_WRITES = new Set(['override', 'release', 'close']);

/** What people may edit in the item without a new generation, and nobody writes over unseen. */
const EDITABLE = ['state', 'override', 'overrideUntilMs', 'openUntilMs'] as const;

/** A write that has changed the item, and what is known about its writer. */
export interface ItemChange {
  readonly before: Item | undefined;
  readonly after: Item;
  readonly write: Write;
  readonly rules: StreakRules;
  /** By the one true clock. */
  readonly nowMs: number;
  readonly areClocksTrue: boolean;
  /** What the writer has certainly been shown last, `item` undefined: none; else unknown. */
  readonly seen: { readonly item: Item | undefined } | undefined;
}

/** The promises of the item that the change has broken. */
export function problemsOf(change: ItemChange): string[] {
  const checks = [generationProblem, editProblem, overrideProblem];
  if (!isOperators(change.write))
    checks.push(pathProblem, tripProblem, streakProblem, ownerProblem, leaseProblem, probeProblem);
  return checks.map((check) => check(change)).filter((problem) => problem !== undefined);
}

export function generationOf(item: Item | undefined): number {
  return Number(item?.generation ?? 0);
}

export function isOperators({ operation }: Write): boolean {
  return OPERATORS_WRITES.has(operation);
}

function generationProblem({ before, after, write }: ItemChange): string | undefined {
  const grownBy = generationOf(after) - generationOf(before);
  const isTransition = Number(write.set.generation ?? 0) > 0;
  if (grownBy === (isTransition ? 1 : 0)) return undefined;
  return `I3: generation ${generationOf(before)} became ${generationOf(after)} (${write.operation})`;
}

/** A decision that was made before an edit is not written over it. */
function editProblem({ before, seen, write }: ItemChange): string | undefined {
  if (!seen || !before || generationOf(seen.item) !== generationOf(before)) return undefined;
  if (!seen.item) return `I10: ${write.operation} of one who saw no item on one that is there`;
  // The end of an open period is left over in an item of another state, and operators need not heed it.
  const isPeriodHeeded = before.state === 'OPEN' && !isOperators(write);
  const names = EDITABLE.filter((name) => name !== 'openUntilMs' || isPeriodHeeded);
  const edited = names.find((name) => seen.item?.[name] !== before[name]);
  return edited && `I10: ${write.operation} on an item whose ${edited} its writer has not seen`;
}

/** While an operator's override is in force, by the writer's clock and in truth, nothing counts. */
function overrideProblem({ before, write, nowMs }: ItemChange): string | undefined {
  if (isOperators(write) || before?.override === undefined) return undefined;
  const endMs = Number(before.overrideUntilMs ?? Infinity);
  if (endMs <= nowMs || endMs <= Number(write.set.updatedAtMs)) return undefined;
  return `I10: ${write.operation} under ${before.override}`;
}

function pathProblem({ before, after, write }: ItemChange): string | undefined {
  const from = before?.state ?? 'CLOSED';
  const path = `${from} to ${after.state}`;
  const isSameGeneration = generationOf(before) === generationOf(after);
  if (from === after.state && isSameGeneration) return undefined;
  if (isSameGeneration) return `I3: ${path} without a generation`;
  return LEGAL_PATHS.has(path) ? undefined : `I3: ${write.operation} from ${path}`;
}

function tripProblem({ before, after, rules }: ItemChange): string | undefined {
  if ((before?.state ?? 'CLOSED') !== 'CLOSED' || after.state !== 'OPEN') return undefined;
  const score = scoreOf(before) ?? 0;
  if (score >= rules.failureThreshold - 1) return undefined;
  return `I3: tripped at a score of ${score}`;
}

/** One result at a time changes a score, and none counts in a streak that it knows nothing of. */
function streakProblem(change: ItemChange): string | undefined {
  const { before, after, write, rules } = change;
  if ((before?.state ?? 'CLOSED') !== 'CLOSED') return undefined;
  const isWithin = after.state === 'CLOSED' && generationOf(before) === generationOf(after);
  const problem = isWithin ? scoreProblem(before, after, rules) : undefined;
  if (problem) return `I3: ${write.operation} made ${problem}`;
  // What is measured of the demand has nothing to do with a streak.
  return write.operation === 'countReports' ? undefined : unseenStreakProblem(change);
}

function unseenStreakProblem({ before, write, seen }: ItemChange): string | undefined {
  if (!before || !seen?.item || generationOf(seen.item) !== generationOf(before)) return undefined;
  if (seen.item.streakId === before.streakId) return undefined;
  return `I4: ${write.operation} in streak ${before.streakId}, which its writer has not seen`;
}

function ownerProblem({ before, after, write }: ItemChange): string | undefined {
  if (before?.state !== 'HALF_OPEN' || after.state === 'HALF_OPEN') return undefined;
  const writer = write.set.updatedBy;
  if (String(before.probeOwner).startsWith(`${writer}#`)) return undefined;
  return `I3: ${writer} decided on the probe of ${before.probeOwner}`;
}

function leaseProblem({ before, after, write, nowMs, areClocksTrue }: ItemChange) {
  const isTakeover = before?.state === 'HALF_OPEN' && after.state === 'HALF_OPEN';
  if (!isTakeover || !areClocksTrue || generationOf(before) === generationOf(after))
    return undefined;
  const leftMs = Number(before.probeLeaseUntilMs) - nowMs;
  if (!(leftMs > 0)) return undefined;
  return `I1: ${write.operation} while the lease of ${before.probeOwner} goes on for ${leftMs} ms`;
}

/** Each probe of a half-open period is counted. */
function probeProblem({ before, after, write }: ItemChange): string | undefined {
  if (after.probeOwner === undefined || after.probeOwner === before?.probeOwner) return undefined;
  if (generationOf(before) !== generationOf(after)) return undefined;
  if (Number(after.probesIssued) === Number(before?.probesIssued) + 1) return undefined;
  return `I1: ${write.operation} is probe ${after.probesIssued} after ${before?.probesIssued}`;
}
