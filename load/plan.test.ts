import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planFor, SCENARIOS, type Scenario } from './plan.ts';

const script = readFileSync(join(import.meta.dirname, 'artillery.yml'), 'utf8');
const inScript = (name: string) =>
  Number(script.match(new RegExp(`^ +-? *${name}: (\\d+)`, 'm'))?.[1]);

test('the full plan asks as the script does by hand', () => {
  const { users, usersPerSecond, seed, phases } = planFor({
    scenario: 'outage',
    profile: 'full',
    target: 'local',
  });
  const faultSeconds = phases.after.fromSeconds - phases.fault.fromSeconds;
  expect({ users, faultSeconds, seed, ramp: users / usersPerSecond }).toEqual({
    users: inScript('arrivalCount'),
    faultSeconds: inScript('loadSeconds'),
    seed: inScript('seed'),
    ramp: inScript('duration'),
  });
});

test('the demonstration is 100 users, 10 new ones per second, and two minutes of a hang of 30 s', () => {
  expect(planFor({ scenario: 'outage', profile: 'full', target: 'aws' })).toMatchObject({
    ...{ users: 100, usersPerSecond: 10, hangMs: 30_000, accountConcurrency: 1000 },
    phases: {
      before: { name: 'healthy', fault: 'none', fromSeconds: 0 },
      fault: { name: 'hanging', fault: 'hang', fromSeconds: 10 },
      after: { name: 'healthy again', fault: 'none', fromSeconds: 130 },
    },
  });
});

const everyPlan = (Object.keys(SCENARIOS) as Scenario[]).flatMap((scenario) =>
  (['full', 'quick'] as const).map((profile) => ({ scenario, profile, target: 'local' as const })),
);

test.each(everyPlan)(
  'in $scenario, $profile, all users are there when the fault begins, and a hang ends before the load may',
  (choice) => {
    const { users, usersPerSecond, phases, loadSeconds, hangMs } = planFor(choice);
    expect(users / usersPerSecond).toBeLessThanOrEqual(phases.fault.fromSeconds);
    expect(phases.after.fromSeconds + hangMs / 1000).toBeLessThan(loadSeconds - 10);
  },
);

test('the cascade scenario leaves one execution per user', () => {
  expect(
    planFor({ scenario: 'cascade', profile: 'full', target: 'local' }).accountConcurrency,
  ).toBe(100);
});

test.each(['full', 'quick'] as const)(
  'an emulator is asked by ten users, %s or not: it starts a process for each call under way',
  (profile) => {
    expect(planFor({ scenario: 'outage', profile, target: 'localstack' }).users).toBe(10);
  },
);
