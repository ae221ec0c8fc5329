import { ExploredFleet } from './explored-fleet.ts';
import type { Counterexample } from './explorer.ts';
import type { Plan } from './plan.ts';
import { whyStuck } from './recovery.ts';

/** A counterexample as a numbered story: each step, and below it what the monitor saw of it. */
export function storyOf(plan: Plan, { problem, schedule }: Counterexample): string[] {
  const fleet = new ExploredFleet(plan);
  const { monitor, time } = fleet;
  const lines: string[] = [];
  let steps = 0;
  fleet.onStep = (sentence) => {
    lines.push(`${String(++steps).padStart(3)}. ${sentence} (at ${time.elapsedMs} ms)`);
  };
  // The monitor's own journal keeps the last events only.
  monitor.note = (who, what, detail) => {
    const shown = detail === undefined ? '' : ` ${JSON.stringify(detail)}`;
    lines.push(`       ${who} ${what}${shown}`);
  };
  for (const step of schedule) fleet.perform(step);
  if (monitor.problems.length === 0) {
    lines.push('     From here on all is well, and everybody is answered:');
    whyStuck(fleet);
  }
  return [...lines, `  => ${problem}`];
}
