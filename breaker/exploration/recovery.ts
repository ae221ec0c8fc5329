import type { ExploredFleet } from './explored-fleet.ts';
import { stepOf } from './steps.ts';

/** Beyond the longest open period and lease, and the longest that a dead store is left alone. */
const ROUND_MS = 31_000;
const MAX_ROUNDS = 3;
/** Of one round: every contact that a call of each instance can lead to. */
const MAX_STEPS = 200;

/**
 * Lets the fleet go on with nothing in its way any more: whoever was frozen goes on, the store and
 * the downstream answer everybody in turn, and nobody forces anything. Answers what is wrong if the
 * circuit has not closed within three rounds of a call by each instance.
 */
export function whyStuck(fleet: ExploredFleet): string | undefined {
  fleet.instances.forEach((instance, slot) => {
    if (instance.isPaused) fleet.perform(stepOf('thaw', slot));
  });
  if (!serveAll(fleet)) return 'I6: there is no end to the contacts with the store';
  if (fleet.item?.override) {
    fleet.perform(stepOf('release', fleet.instances.length));
    serveAll(fleet);
  }
  let problem: string | undefined;
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    fleet.pass(ROUND_MS);
    fleet.instances.forEach((_, slot) => {
      fleet.perform(stepOf('call', slot));
      serveAll(fleet);
    });
    problem = problemOf(fleet);
    if (problem === undefined) return undefined;
  }
  return problem;
}

function problemOf(fleet: ExploredFleet): string | undefined {
  const { item, instances, monitor } = fleet;
  const state = item?.state ?? 'CLOSED';
  if (state !== 'CLOSED') return `I7: the circuit stays ${state} although all is well`;
  const waiting = [...instances, fleet.operator].find(({ executing }) => executing > 0);
  if (waiting) return `I6: a call of ${waiting.id} never ends`;
  const refused = instances.find(({ latest }) => latest !== 'well');
  if (refused) return `I7: ${refused.id} gets no call through although all is well`;
  monitor.checkPublished();
  return monitor.problems[0];
}

/** Answers everything that is under way, the oldest first. Tells whether that comes to an end. */
function serveAll(fleet: ExploredFleet): boolean {
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const step = nextOf(fleet);
    if (step === undefined) return true;
    fleet.perform(step);
  }
  return false;
}

function nextOf(fleet: ExploredFleet): number | undefined {
  for (const [slot, { contacts, calls }] of [...fleet.instances, fleet.operator].entries()) {
    const [contact] = contacts;
    if (contact) {
      if (contact.answered) return stepOf('answer', slot);
      return stepOf(contact.write ? 'arrive' : 'read', slot);
    }
    if (calls.length > 0) return stepOf('succeed', slot);
  }
  return fleet.strays.length > 0 ? stepOf('stray') : undefined;
}
