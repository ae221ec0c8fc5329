import { describe, expect, test } from 'vitest';
import { CLOSED, HALF_OPEN, OPEN, Scene, STREAK } from './scene.ts';

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
