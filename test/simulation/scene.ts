import type { Item, Transition, Write } from 'fleet-breaker';
import { Instance } from '../../breaker/simulation/instance.ts';
import { Monitor } from '../../breaker/simulation/monitor.ts';
import { VirtualTime } from '../../breaker/simulation/virtual-time.ts';

const OPEN_MS = 1_000;

/** Two instances, and what they do as the monitor is told of it. */
export class Scene {
  readonly time = new VirtualTime();
  readonly monitor = new Monitor({
    time: this.time,
    failureThreshold: 3,
    failureRate: 1,
    rampMs: 0,
    openMs: OPEN_MS,
    streakWindowMs: 30_000,
    maxProbes: 1,
  });
  readonly a = new Instance(this.time, 'a');
  readonly b = new Instance(this.time, 'b');

  sees(instance: Instance, item: Item | undefined, tookMs = 5): void {
    this.monitor.answerDelivered(instance, { item, tookMs });
  }

  begins(instance: Instance) {
    const call = this.monitor.callBegins(instance);
    this.monitor.callStarts(call);
    return call;
  }

  /** A write is sent, applied and answered. */
  writes(instance: Instance, operation: string, after: Item, set: Write['set'] = {}): void {
    const write = writeOf(instance, operation, after, set);
    this.monitor.writeSent(instance, write);
    this.monitor.writeApplied(write, { ...after, ...write.set });
    const item = { ...after, ...write.set };
    this.monitor.answerDelivered(instance, { item, tookMs: 5, write, applied: true });
  }

  publishes(instance: Instance, more: Partial<Transition>): void {
    const transition = { name: 'x', from: 'CLOSED', to: 'OPEN', operation: 'trip' } as const;
    const rest = { generation: 1, reason: '', atMs: 0, by: instance.id, scope: 'fleet' } as const;
    this.monitor.transitionPublished(instance, { ...transition, ...rest, ...more });
  }

  failsLocally(instance: Instance, times: number): void {
    this.monitor.storeChanged(instance, { name: 'x', available: false });
    for (let i = 0; i < times; i++) this.monitor.callAnswered(this.begins(instance), 'failure');
  }

  trips(): void {
    this.writes(this.a, 'openStreak', { ...STREAK, streakScore: 1, streakReports: 1 });
    this.writes(this.a, 'countFailure', { ...STREAK, streakScore: 2, streakReports: 2 });
    this.writes(this.a, 'trip', OPEN);
  }

  claims(instance: Instance, generation: number): void {
    const set = { probeOwner: `${instance.id}#1`, probeLeaseUntilMs: this.time.nowMs + 5_000 };
    this.writes(instance, 'claimProbe', { ...HALF_OPEN, generation }, set);
  }
}

export const CLOSED = { state: 'CLOSED', generation: 0 };
export const STREAK = { ...CLOSED, streakId: 1 };
export const OPEN = { state: 'OPEN', generation: 1 };
export const HALF_OPEN = { state: 'HALF_OPEN', generation: 2, probesIssued: 1 };
/** The writes that make no new generation. */
const WITHIN = ['openStreak', 'countFailure', 'nextProbe'];

function writeOf({ id }: Instance, operation: string, after: Item, set: Write['set']): Write {
  const stamp = { updatedBy: id, updatedAtMs: 1 };
  const generation = WITHIN.includes(operation) ? {} : { generation: Number(after.generation) };
  return { operation, conditions: [], set: { ...set, ...stamp, ...generation } };
}
