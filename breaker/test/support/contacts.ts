/** What an instance asks of its store, contact by contact. */
import { Fleet, type FleetOptions } from '../../simulation/fleet.ts';
import type { Fault } from '../../simulation/store-path.ts';

interface Contact {
  /** Of a write: its operation. */
  readonly what: string;
  readonly atMs: number;
}

/** One instance, every contact it makes, and the fault of each: the next of those planned, if any. */
export function instanceOf(fleet: Fleet) {
  const instance = fleet.add();
  const contacts: Contact[] = [];
  const planned: { what: string; fault: Fault | undefined }[] = [];
  const startMs = fleet.time.nowMs;
  instance.fault = (write) => {
    const what = write?.operation ?? 'read';
    contacts.push({ what, atMs: fleet.time.nowMs - startMs });
    const next = planned.findIndex((plan) => plan.what === what);
    return next < 0 ? undefined : planned.splice(next, 1)[0]?.fault;
  };
  const count = (what: string) => contacts.filter((contact) => contact.what === what).length;
  const plan = (what: string, ...faults: (Fault | undefined)[]) =>
    planned.push(...faults.map((fault) => ({ what, fault })));
  return { instance, contacts, count, plan };
}

export function together<T>(fleet: Fleet, ...acts: Promise<T>[]): Promise<T[]> {
  return fleet.time.until(Promise.all(acts));
}

/** An open circuit whose period is over, and an instance that has not seen it yet. */
export async function due(options: FleetOptions = {}) {
  const fleet = new Fleet({ failureThreshold: 3, ...options });
  await fleet.trip();
  await fleet.time.run(60_000);
  return { fleet, ...instanceOf(fleet) };
}
