/** What the situations share: a fleet with a threshold of 3, and what the downstream does. */
import {
  type Behaviour,
  type FaultOf,
  Fleet,
  type FleetInstance,
  type FleetOptions,
} from '../../simulation/fleet.ts';

export const FAIL = { does: 'fail' } as const;
export const HANG = { does: 'hang' } as const;
export const SUCCEED = { does: 'succeed' } as const;

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** The failure threshold of these fleets. */
export const THRESHOLD = 3;
/** The first open period of these fleets. */
export const OPEN_MS = 5_000;

export function fleetOf(count: number, options: FleetOptions = {}): Fleet {
  const fleet = new Fleet({ failureThreshold: THRESHOLD, openMs: OPEN_MS, ...options });
  fleet.addMany(count);
  return fleet;
}

export function setFault(fleet: Fleet, fault: FaultOf): void {
  for (const instance of fleet.instances) instance.fault = fault;
}

/** Every contact with the store succeeds. */
export const NO_FAULT: FaultOf = () => undefined;

/** Calls of one instance for `forMs`, one every `everyMs` at the least; how long each took. */
export async function durations(
  instance: FleetInstance,
  behaviour: Behaviour,
  forMs: number,
  everyMs = 100,
): Promise<number[]> {
  const { time } = instance.fleet;
  const tookMs: number[] = [];
  const endMs = time.nowMs + forMs;
  while (time.nowMs < endMs) {
    const startedAtMs = time.nowMs;
    await instance.begin(behaviour);
    tookMs.push(time.nowMs - startedAtMs);
    await time.wait(Math.max(1, everyMs - (time.nowMs - startedAtMs)));
  }
  return tookMs;
}
