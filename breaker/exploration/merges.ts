import { choicesOf } from './choices.ts';
import { ExploredFleet } from './explored-fleet.ts';
import { keyOfFleet } from './fleet-key.ts';
import type { Plan } from './plan.ts';
import type { Step } from './steps.ts';

export interface MergeCheck {
  /** States that were met a second time, on another way. */
  readonly merges: number;
  /** Of the two ways, whatever can come next differs. */
  readonly unlike: readonly (readonly [Step[], Step[]])[];
}

/**
 * Whether states that are taken to be the same go on in the same way. Of each state that is met a
 * second time, everything that may come next is done from either way, and has to lead to the same
 * states and to the same broken promises. Where that holds of all of them, it holds of all that
 * follows, too.
 */
export function checkMerges(plan: Plan, maxDepth: number): MergeCheck {
  const firstWays = new Map<string, Step[]>();
  const unlike: [Step[], Step[]][] = [];
  let merges = 0;
  let ways: Step[][] = [[]];
  for (let depth = 0; depth < maxDepth; depth++) {
    const longer: Step[][] = [];
    for (const way of ways) {
      for (const step of choicesOf(fleetAfter(plan, way))) {
        const next = [...way, step];
        const key = textOf(fleetAfter(plan, next));
        const first = firstWays.get(key);
        if (first === undefined) {
          firstWays.set(key, next);
          longer.push(next);
        } else {
          merges++;
          if (followers(plan, first) !== followers(plan, next)) unlike.push([first, next]);
        }
      }
    }
    ways = longer;
  }
  return { merges, unlike };
}

function fleetAfter(plan: Plan, way: readonly Step[]): ExploredFleet {
  const fleet = new ExploredFleet(plan);
  for (const step of way) fleet.perform(step);
  return fleet;
}

/** All that may come next, without the order: instances may have changed places. */
function followers(plan: Plan, way: readonly Step[]): string {
  const steps = choicesOf(fleetAfter(plan, way));
  const texts = steps.map((step) => textOf(fleetAfter(plan, [...way, step])));
  return texts.sort().join('\n');
}

function textOf(fleet: ExploredFleet): string {
  const { low, high } = keyOfFleet(fleet);
  const problems = fleet.monitor.problems.map((problem) => problem.split(':')[0]);
  return [low, high, ...problems].join(' ');
}
