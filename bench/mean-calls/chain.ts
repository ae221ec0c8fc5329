/**
 * How many calls it takes on average until the circuit trips, exactly: the score of a streak
 * (breaker/src/protocol/score.ts) is a Markov chain. Each call fails with the same probability, and
 * all of them count.
 */

export interface TripRule {
  readonly failureRate: number;
  readonly failureThreshold: number;
}

/** Scores are kept in thousandths, as the library keeps them. */
const UNIT = 1_000;
/** More scores than this would take minutes. */
const MAX_SCORES = 3_000;

/** A score that is left: where the next call leads from it, and the calls made on the way. */
interface Node {
  readonly to: Map<number, number>;
  calls: number;
}

/**
 * The mean number of calls from a circuit without a streak to its trip. Scores are eliminated one by
 * one, each replaced by the ways through it, by sums, products and quotients of positive numbers
 * alone (Grassmann, Taksar and Heyman), so that 10^16 is as exact as 5.
 */
export function meanCallsToTrip(rule: TripRule, failureShare: number): number {
  const nodes = nodesOf(rule, failureShare);
  const scores = [...nodes.keys()].sort((a, b) => b - a);
  for (const score of scores) if (score > 0) eliminate(nodes, score);
  const start = nodes.get(0);
  const tripShare = start?.to.get(Infinity) ?? 0;
  return start ? start.calls / tripShare : Infinity;
}

function nodesOf(rule: TripRule, failureShare: number): Map<number, Node> {
  const { failureRate, failureThreshold } = rule;
  const forgiven = Math.round((failureRate / (1 - failureRate)) * UNIT);
  const nodes = new Map<number, Node>();
  const open = [0];
  for (let score = open.pop(); score !== undefined; score = open.pop()) {
    if (nodes.has(score)) continue;
    if (nodes.size >= MAX_SCORES) throw new RangeError('There are too many scores');
    const failed = score + UNIT;
    const next = failed < failureThreshold * UNIT ? failed : Infinity;
    const succeeded = Math.max(0, score - forgiven);
    const to = new Map<number, number>();
    if (failureShare > 0) to.set(next, failureShare);
    if (failureShare < 1) to.set(succeeded, 1 - failureShare);
    nodes.set(score, { to, calls: 1 });
    open.push(...[...to.keys()].filter((each) => each !== Infinity));
  }
  return nodes;
}

function eliminate(nodes: Map<number, Node>, score: number): void {
  const node = nodes.get(score);
  nodes.delete(score);
  if (!node) return;
  // What leads back to itself is repeated until it leads elsewhere.
  node.to.delete(score);
  const leaving = [...node.to.values()].reduce((sum, share) => sum + share, 0);
  for (const other of nodes.values()) {
    const share = other.to.get(score);
    if (share === undefined) continue;
    other.to.delete(score);
    other.calls += (share * node.calls) / leaving;
    for (const [target, on] of node.to) {
      other.to.set(target, (other.to.get(target) ?? 0) + (share * on) / leaving);
    }
  }
}
