/** Somebody edits the item into nonsense while everything else is well. */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  type ChaosCloud,
  expectAgreement,
  type Item,
  LEASE_MS,
  LONGEST_OPEN_MS,
  pause,
  startChaosCloud,
} from '../support/chaos-cloud.ts';
import { ATTRIBUTE } from './attributes.ts';

const USERS = 4;
const OWN_MS = 2_000;
/** Whatever the item says of an open period, no instance waits longer than its own longest one. */
const SERVED_WITHIN_MS = LONGEST_OPEN_MS + LEASE_MS + OWN_MS;
/** For the users to come back some times. */
const WHILE_MS = 500;
const THIRTY_YEARS_MS = 10 ** 12;

const { openUntilMs, probeLeaseUntilMs, overrideUntilMs, updatedAtMs } = ATTRIBUTE;
const number = (value: number) => ({ N: String(value) });
const text = (value: string) => ({ S: value });

let cloud: ChaosCloud;

beforeAll(async () => {
  cloud = await startChaosCloud({ prewarm: USERS });
});
afterAll(() => cloud.close());

/** As the library writes it, in each state. */
const common = {
  schemaVersion: number(ATTRIBUTE.schemaVersion),
  generation: number(40),
  streakId: number(7),
  reopenings: number(0),
  updatedBy: text('somebody'),
  reason: text('edited manually'),
  [updatedAtMs]: number(1_700_000_000_000),
};
const closed: Item = { ...common, state: text('CLOSED') };
const open = (untilMs: number): Item => ({
  ...common,
  ...{ state: text('OPEN'), [openUntilMs]: number(untilMs), openDurationMs: number(1_000) },
});
const halfOpen: Item = {
  ...common,
  ...{ state: text('HALF_OPEN'), probeOwner: text('nobody') },
  ...{ probesIssued: number(1), probesOk: number(0), probesFailed: number(0) },
};
const without = (item: Item, attribute: string): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => name !== attribute));

const ROWS: Record<string, () => Item> = {
  'no attribute at all': () => ({}),
  'a state that does not exist': () => ({ ...closed, state: text('BROKEN') }),
  'a state that is a number': () => ({ ...closed, state: number(1) }),
  'a generation in words': () => ({ ...closed, generation: text('seven') }),
  'a negative generation': () => ({ ...closed, generation: number(-1) }),
  'half a generation': () => ({ ...closed, generation: number(1.5) }),
  'the last generation that a number can hold': () => ({
    ...open(Date.now() - 1),
    generation: number(Number.MAX_SAFE_INTEGER),
  }),
  'the last generation that a date can hold': () => ({
    ...open(Date.now() - 1),
    generation: number(8.64e15),
  }),
  'an OPEN circuit without its end': () => without(open(Date.now()), openUntilMs),
  'an OPEN circuit until the year 5138': () => open(1e14),
  'an open period of thirty years': () => ({
    ...open(Date.now() + THIRTY_YEARS_MS),
    openDurationMs: number(THIRTY_YEARS_MS),
  }),
  'a probe without a lease': () => halfOpen,
  'counters of probes that cannot be': () => ({
    ...halfOpen,
    ...{ probesIssued: number(-5), probesOk: number(1e9), [probeLeaseUntilMs]: number(Date.now()) },
  }),
  'a streak of a thousand million failures': () => ({
    ...closed,
    ...{ streakScore: number(1e9), [ATTRIBUTE.streakStartedAtMs]: number(Date.now()) },
  }),
  'an override that does not exist': () => ({ ...closed, override: text('MAYBE') }),
  'an override whose end is a word': () => ({
    ...closed,
    ...{ override: text('FORCED_OPEN'), [overrideUntilMs]: text('tomorrow') },
  }),
  'a schema of the future': () => ({ ...closed, schemaVersion: number(99) }),
  'lists and maps where there should be values': () => ({
    ...closed,
    ...{ reason: { L: [] }, updatedBy: { M: {} }, [updatedAtMs]: { BOOL: true } },
  }),
  'a reason of 300 kB with lines of its own': () => ({
    ...closed,
    reason: text('{"level":"ERROR"}\n'.repeat(18_000)),
  }),
};

test.each(Object.entries(ROWS))(
  'the item holds %s: nobody fails, and all are served whole soon',
  async (nonsense, item) => {
    onTestFinished(async () => void (await cloud.table.replaceItem(undefined)));
    await expectAgreement(cloud, { users: USERS, withinMs: SERVED_WITHIN_MS });
    const crowd = cloud.startCrowd(USERS);
    onTestFinished(async () => void (await crowd.leave()));
    await cloud.table.replaceItem(item());
    const editedAtMs = performance.now();
    await pause(WHILE_MS);
    const served = () => Promise.all(Array.from({ length: USERS }, () => cloud.visit()));
    const whole = Array.from({ length: USERS }, () =>
      expect.objectContaining({ status: 200, degraded: false }),
    );
    await expect.poll(served, { timeout: SERVED_WITHIN_MS, interval: 100 }).toEqual(whole);
    console.log(`${nonsense}: served whole ${Math.round(performance.now() - editedAtMs)} ms later`);
    const visits = await crowd.leave();
    expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
    expect(Math.max(...visits.map(({ tookMs }) => tookMs))).toBeLessThan(OWN_MS);
    // Somebody corrects it.
    await cloud.table.replaceItem(undefined);
    await expectAgreement(cloud, { users: USERS, withinMs: SERVED_WITHIN_MS });
  },
);

test('the item holds a probe whose lease never ends: nobody fails, and all are served whole once somebody corrects it', async () => {
  onTestFinished(async () => void (await cloud.table.replaceItem(undefined)));
  await expectAgreement(cloud, { users: USERS, withinMs: SERVED_WITHIN_MS });
  const crowd = cloud.startCrowd(USERS);
  onTestFinished(async () => void (await crowd.leave()));
  // Such a lease is waited for as long as a function may run: 15 minutes.
  await cloud.table.replaceItem({ ...halfOpen, [probeLeaseUntilMs]: number(1e14) });
  await pause(WHILE_MS);
  expect(await cloud.visit()).toMatchObject({ status: 200, degraded: true });
  await cloud.table.replaceItem(undefined);
  await expectAgreement(cloud, { users: USERS, withinMs: OWN_MS });
  const visits = await crowd.leave();
  expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
  expect(Math.max(...visits.map(({ tookMs }) => tookMs))).toBeLessThan(OWN_MS);
});
