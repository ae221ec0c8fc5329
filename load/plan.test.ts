import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planFor, SCENARIOS, type Scenario } from './plan.ts';

const script = readFileSync(join(import.meta.dirname, 'artillery.yml'), 'utf8');
const inScript = (name: string) =>
  Number(script.match(new RegExp(`^ +-? *${name}: (\\d+)`, 'm'))?.[1]);

test('the full plan is what the script does by hand', () => {
  const { users, usersPerSecond, loadSeconds, seed } = planFor({
    scenario: 'outage',
    profile: 'full',
    target: 'local',
  });
  expect({ users, loadSeconds, seed, ramp: users / usersPerSecond }).toEqual({
    users: inScript('arrivalCount'),
    loadSeconds: inScript('loadSeconds'),
    seed: inScript('seed'),
    ramp: inScript('duration'),
  });
});

test('the demonstration is 100 users, 10 new ones per second, for two minutes, and a hang of 30 s', () => {
  expect(planFor({ scenario: 'outage', profile: 'full', target: 'aws' })).toMatchObject({
    ...{
      users: 100,
      usersPerSecond: 10,
      loadSeconds: 120,
      hangMs: 30_000,
      accountConcurrency: 1000,
    },
    phases: [{ name: 'recommendations hang', fromSeconds: 0, toSeconds: 120, fault: 'hang' }],
  });
});

const everyPlan = (Object.keys(SCENARIOS) as Scenario[]).flatMap((scenario) =>
  (['full', 'quick'] as const).map((profile) => ({ scenario, profile, target: 'local' as const })),
);

test.each(everyPlan)(
  'the phases of $scenario, $profile, follow one another to the end',
  (choice) => {
    const { phases, loadSeconds } = planFor(choice);
    expect(phases[0]?.fromSeconds).toBe(0);
    expect(phases.at(-1)?.toSeconds).toBe(loadSeconds);
    phases.slice(1).forEach(({ fromSeconds }, index) => {
      expect(fromSeconds).toBe(phases[index]?.toSeconds);
    });
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
