/** The monitor sees every promise broken, and nothing where none is. */
import type { Item, Transition, Write } from 'fleet-breaker';
import { describe, expect, test } from 'vitest';
import { Instance } from '../../breaker/simulation/instance.ts';
import { Monitor } from '../../breaker/simulation/monitor.ts';
import { VirtualTime } from '../../breaker/simulation/virtual-time.ts';

const OPEN_MS = 1_000;

/** Two instances, and what they do as the monitor is told of it. */
class Scene {
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

const CLOSED = { state: 'CLOSED', generation: 0 };
const STREAK = { ...CLOSED, streakId: 1 };
const OPEN = { state: 'OPEN', generation: 1 };
const HALF_OPEN = { state: 'HALF_OPEN', generation: 2, probesIssued: 1 };
/** The writes that make no new generation. */
const WITHIN = ['openStreak', 'countFailure', 'nextProbe'];

function writeOf({ id }: Instance, operation: string, after: Item, set: Write['set']): Write {
  const stamp = { updatedBy: id, updatedAtMs: 1 };
  const generation = WITHIN.includes(operation) ? {} : { generation: Number(after.generation) };
  return { operation, conditions: [], set: { ...set, ...stamp, ...generation } };
}

const BROKEN: readonly [rule: string, what: string, act: (scene: Scene) => void][] = [
  [
    'I1',
    'two probes of one generation',
    (scene) => {
      scene.trips();
      scene.claims(scene.a, 2);
      scene.begins(scene.a);
      const second = { probeOwner: 'b#1', probeLeaseUntilMs: scene.time.nowMs + 5_000 };
      scene.writes(scene.b, 'nextProbe', { ...HALF_OPEN, probesIssued: 2 }, second);
      scene.begins(scene.b);
    },
  ],
  [
    'I1',
    'a probe within the lease of another',
    (scene) => {
      scene.trips();
      scene.claims(scene.a, 2);
      scene.begins(scene.a);
      scene.claims(scene.b, 3);
      scene.begins(scene.b);
    },
  ],
  [
    'I1',
    'a probe that is not counted',
    (scene) => {
      scene.trips();
      scene.claims(scene.a, 2);
      scene.writes(scene.b, 'nextProbe', HALF_OPEN, { probeOwner: 'b#1' });
    },
  ],
  [
    'I2',
    'a call by an instance that has seen the circuit OPEN',
    (scene) => {
      scene.sees(scene.a, OPEN);
      scene.begins(scene.a);
    },
  ],
  [
    'I2',
    'a call by an instance that has seen the circuit OPEN, and an earlier item late',
    (scene) => {
      scene.sees(scene.a, OPEN);
      scene.sees(scene.a, STREAK, 51);
      scene.begins(scene.a);
    },
  ],
  [
    'I2',
    'a second trial in local mode',
    (scene) => {
      scene.monitor.storeChanged(scene.a, { name: 'x', available: false });
      scene.publishes(scene.a, { to: 'HALF_OPEN', scope: 'instance' });
      scene.begins(scene.a);
      scene.begins(scene.a);
    },
  ],
  [
    'I3',
    'a generation left out',
    (scene) => scene.writes(scene.a, 'trip', { ...OPEN, generation: 2 }),
  ],
  [
    'I3',
    'a score that two results changed at once',
    (scene) => {
      scene.writes(scene.a, 'openStreak', { ...STREAK, streakScore: 1, streakReports: 1 });
      scene.writes(scene.a, 'countFailure', { ...STREAK, streakScore: 3, streakReports: 2 });
    },
  ],
  ['I3', 'a trip after too few failures', (scene) => scene.writes(scene.a, 'trip', OPEN)],
  [
    'I3',
    'a state that no way leads to',
    (scene) => {
      scene.trips();
      scene.writes(scene.a, 'recover', { ...CLOSED, generation: 2 });
    },
  ],
  [
    'I3',
    "a decision on another's probe",
    (scene) => {
      scene.trips();
      scene.claims(scene.a, 2);
      scene.writes(scene.b, 'recover', { ...CLOSED, generation: 3 });
    },
  ],
  [
    'I3',
    'a transition without a generation of its own',
    (scene) => {
      scene.trips();
      scene.writes(scene.a, 'release', OPEN);
    },
  ],
  [
    'I3',
    'a counted failure forgotten',
    (scene) => {
      scene.writes(scene.a, 'openStreak', { ...STREAK, streakScore: 1, streakReports: 1 });
      scene.writes(scene.a, 'countFailure', { ...STREAK, streakScore: 0, streakReports: 2 });
    },
  ],
  [
    'I3',
    'failures counted beyond the threshold',
    (scene) => scene.writes(scene.a, 'countFailure', { ...STREAK, streakScore: 3 }),
  ],
  [
    'I4',
    'a result counted in a streak that its writer has not seen',
    (scene) => {
      scene.writes(scene.a, 'openStreak', { ...STREAK, streakScore: 1, streakReports: 1 });
      scene.sees(scene.b, { ...CLOSED, streakId: 0 });
      scene.writes(scene.b, 'countFailure', { ...STREAK, streakScore: 2, streakReports: 2 });
    },
  ],
  [
    'I4',
    'the result of a call of an earlier generation',
    (scene) => {
      scene.begins(scene.b);
      scene.trips();
      scene.writes(scene.b, 'countFailure', OPEN);
    },
  ],
  [
    'I5',
    'a transition published twice',
    (scene) => {
      scene.trips();
      scene.publishes(scene.a, {});
      scene.publishes(scene.a, {});
    },
  ],
  [
    'I5',
    'a transition published by another than its writer',
    (scene) => {
      scene.trips();
      scene.publishes(scene.b, { by: 'a' });
    },
  ],
  ['I5', 'a transition that was never made', (scene) => scene.publishes(scene.a, {})],
  [
    'I5',
    'a transition that was never published',
    (scene) => {
      scene.trips();
      scene.monitor.checkPublished();
    },
  ],
  ['I8', 'one failure too many in local mode', (scene) => scene.failsLocally(scene.a, 5)],
  [
    'I10',
    'a write over an edit that its writer has not seen',
    (scene) => {
      scene.sees(scene.a, OPEN);
      scene.monitor.itemPut({ ...OPEN, overrideUntilMs: 1 });
      scene.claims(scene.a, 2);
    },
  ],
  [
    'I10',
    'a write under an override',
    (scene) => {
      const forced = { ...OPEN, override: 'FORCED_OPEN' };
      scene.monitor.itemPut(forced);
      scene.sees(scene.a, forced);
      scene.claims(scene.a, 2);
    },
  ],
  [
    'I9',
    'a refusal by an instance that has seen the circuit CLOSED',
    (scene) => {
      scene.sees(scene.a, CLOSED);
      scene.monitor.callAnswered(scene.monitor.callBegins(scene.a), 'refused');
    },
  ],
  [
    'I11',
    'a copy of what the item never was',
    (scene) => scene.monitor.copyWritten('x#mirror-1', OPEN),
  ],
  [
    'I11',
    'a copy that goes back',
    (scene) => {
      scene.trips();
      scene.monitor.copyWritten('x#mirror-1', OPEN);
      scene.monitor.copyWritten('x#mirror-1', CLOSED);
    },
  ],
];

const KEPT: readonly [what: string, act: (scene: Scene) => void][] = [
  [
    'a trip, its probe and the recovery, each published',
    (scene) => {
      scene.trips();
      scene.publishes(scene.a, {});
      scene.claims(scene.b, 2);
      scene.publishes(scene.b, { generation: 2, to: 'HALF_OPEN' });
      const probe = scene.begins(scene.b);
      scene.writes(scene.b, 'recover', { ...CLOSED, generation: 3 });
      scene.publishes(scene.b, { generation: 3, to: 'CLOSED' });
      scene.monitor.callAnswered(probe, 'success');
      scene.monitor.checkPublished();
    },
  ],
  [
    'a call by an instance that was shown OPEN so late that it may not have waited',
    (scene) => {
      scene.sees(scene.a, OPEN, 51);
      scene.begins(scene.a);
    },
  ],
  [
    'as many failures in local mode as trip it, and one trial',
    (scene) => scene.failsLocally(scene.a, 4),
  ],
  [
    'a second trial in local mode after one that said nothing',
    (scene) => {
      scene.monitor.storeChanged(scene.a, { name: 'x', available: false });
      scene.publishes(scene.a, { to: 'HALF_OPEN', scope: 'instance' });
      scene.monitor.callAnswered(scene.begins(scene.a), 'ignored');
      scene.begins(scene.a);
    },
  ],
  [
    'an operator who closes an open circuit',
    (scene) => {
      scene.trips();
      scene.writes(scene.b, 'close', { ...CLOSED, generation: 2 });
    },
  ],
];

describe('The monitor', () => {
  test.each(BROKEN)('sees %s: %s', (rule, _what, act) => {
    const scene = new Scene();
    act(scene);
    const rules = scene.monitor.problems.map((problem) => problem.split(':')[0]);
    expect(new Set(rules)).toEqual(new Set([rule]));
  });

  test.each(KEPT)('allows %s', (_what, act) => {
    const scene = new Scene();
    act(scene);
    expect(scene.monitor.problems).toEqual([]);
  });
});
