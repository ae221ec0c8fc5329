import { edited } from './edits.ts';
import type { ExploredFleet } from './explored-fleet.ts';
import type { Contact, ExploredInstance } from './explored-instance.ts';
import { type Kind, type Step, stepOf } from './steps.ts';

const WRITE_FAULTS: readonly Kind[] = ['loseBefore', 'loseAfter', 'throttleWrite', 'repeat'];
const READ_FAULTS: readonly Kind[] = ['readFails', 'readThrottled'];
const CLOCK_FAULTS: readonly Kind[] = ['clockAhead', 'clockBack'];
const DISTURBANCES: readonly Kind[] = ['die', 'freeze'];

/** Everything that may happen next. */
export function choicesOf(fleet: ExploredFleet): Step[] {
  const { instances, operator, strays } = fleet;
  return [
    ...instances.flatMap((instance, slot) => choicesAt(fleet, instance, slot)),
    ...contactSteps(fleet, operator, instances.length),
    ...strays.map((_, nth) => stepOf('stray', 0, nth)),
    ...words(fleet),
    ...passes(fleet),
  ];
}

function choicesAt(fleet: ExploredFleet, instance: ExploredInstance, slot: number): Step[] {
  if (instance.isPaused) return [stepOf('thaw', slot)];
  const steps: Step[] = [];
  const isBusy = instance.executing > 0;
  const calls: readonly Kind[] = ['call', ...faultsOf(fleet, ['callUnread'])];
  if (fleet.left.calls > 0 && !isBusy && !isAsGoodAsEarlier(fleet, instance, slot))
    steps.push(...calls.map((kind) => stepOf(kind, slot)));
  steps.push(...contactSteps(fleet, instance, slot));
  const ends: readonly Kind[] = ['succeed', 'fail', ...faultsOf(fleet, ['ignore'])];
  for (const nth of instance.calls.keys())
    steps.push(...ends.map((kind) => stepOf(kind, slot, nth)));
  if (instance.isUntouched) return steps;
  const faults = isBusy ? [...DISTURBANCES, ...CLOCK_FAULTS] : CLOCK_FAULTS;
  return [...steps, ...faultsOf(fleet, faults).map((kind) => stepOf(kind, slot))];
}

function contactSteps(fleet: ExploredFleet, instance: ExploredInstance, slot: number): Step[] {
  return instance.contacts.flatMap((contact, nth) =>
    endsOf(fleet, contact).map((kind) => stepOf(kind, slot, nth)),
  );
}

function endsOf(fleet: ExploredFleet, contact: Contact): readonly Kind[] {
  if (contact.answered) return ['answer'];
  if (contact.write) return ['arrive', ...faultsOf(fleet, WRITE_FAULTS)];
  // A consistent read may see what was current when it was sent.
  const mayBeOld = contact.consistent ? contact.sentAtVersion < fleet.version : fleet.version > 0;
  const old = mayBeOld ? faultsOf(fleet, ['readOld']) : [];
  return ['read', ...old, ...faultsOf(fleet, READ_FAULTS)];
}

/** Those of the faults that the plan allows, and goes on allowing. */
function faultsOf({ left, plan }: ExploredFleet, kinds: readonly Kind[]): readonly Kind[] {
  return left.faults > 0 ? kinds.filter((kind) => plan.mayFail.includes(kind)) : [];
}

function words(fleet: ExploredFleet): Step[] {
  const { left, plan } = fleet;
  if (left.words === 0) return [];
  const possible = plan.mayBeSaid.filter((kind) => maySay(fleet, kind));
  return possible.map((kind) => stepOf(kind, plan.instances));
}

/** An operator waits for the answer before the next word; whoever edits the item waits for nobody. */
function maySay(fleet: ExploredFleet, kind: Kind): boolean {
  const { operator, item, time } = fleet;
  if (!kind.startsWith('edit')) return operator.executing === 0;
  return edited(kind, item, time.nowMs) !== undefined;
}

function passes({ left, time, instances }: ExploredFleet): Step[] {
  if (left.passes === 0) return [];
  const steps = [stepOf('period')];
  if (time.nextEventMs !== undefined) steps.push(stepOf('nextTimer'));
  if (instances.some(({ calls }) => calls.length > 0)) steps.push(stepOf('while'));
  return steps;
}

/** Instances that nothing has reached are all alike: the first of them goes first. */
function isAsGoodAsEarlier(
  fleet: ExploredFleet,
  instance: ExploredInstance,
  slot: number,
): boolean {
  if (!instance.isUntouched) return false;
  return fleet.instances.slice(0, slot).some((earlier) => earlier.isUntouched);
}
