/** The table throttles for half a minute while the recommendations fail: nothing can be told to the fleet. */
import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import {
  CALL_TIMEOUT_MS,
  type ChaosCloud,
  expectAgreement,
  LEASE_MS,
  pause,
  startChaosCloud,
  THRESHOLD,
} from '../support/chaos-cloud.ts';
import { throttling } from '../support/dynamodb-proxy.ts';
import { answering, hangingBeforeHeaders } from '../support/misbehaviour.ts';

const USERS = 6;
/** Longer than any pause that an instance makes for another reason. */
const OPEN_MS = 5_000;
const OWN_MS = 2_000;

let cloud: ChaosCloud;

beforeAll(async () => {
  cloud = await startChaosCloud({ prewarm: USERS, openMs: OPEN_MS });
});
afterAll(() => cloud.close());

interface Row {
  readonly what: string;
  readonly isThrottled: (operation: { readonly name: string }) => boolean;
  readonly how: string;
  readonly behaviour: RequestListener;
  readonly seconds: number;
}

const everything = { what: 'everything', isThrottled: () => true };
const writes = {
  what: 'writes',
  isThrottled: ({ name }: { readonly name: string }) => name === 'UpdateItem',
};
const hang = { how: 'hang', behaviour: hangingBeforeHeaders };
const fail = { how: 'fail at once', behaviour: answering(500) };
const ROWS: Row[] = [
  { ...everything, ...hang, seconds: 30 },
  { ...writes, ...hang, seconds: 12 },
  { ...everything, ...fail, seconds: 12 },
  { ...writes, ...fail, seconds: 30 },
];

test.each(ROWS)(
  'the table throttles $what for $seconds s and the recommendations $how: every instance trips alone, and tells it',
  async ({ isThrottled, behaviour, seconds }) => {
    let isOver = false;
    const recover = () => {
      isOver = true;
      cloud.store.behave();
      cloud.recommendations.behave();
    };
    onTestFinished(() => {
      if (!isOver) recover();
    });
    await expectAgreement(cloud, { users: USERS, withinMs: 2 * OPEN_MS });
    const before = counted();
    const crowd = cloud.startCrowd(USERS);
    cloud.store.behave(throttling(isThrottled));
    cloud.recommendations.behave(behaviour);
    await pause(seconds * 1_000);
    const told = counted();
    recover();
    const visits = await crowd.leave();
    const healedMs = await expectAgreement(cloud, {
      users: USERS,
      withinMs: 2 * OPEN_MS + LEASE_MS + OWN_MS,
    });

    const byEach = [...told.failures].map(
      ([one, lines]) => lines - (before.failures.get(one) ?? 0),
    );
    const mostByOne = Math.max(...byEach);
    const trips = told.localTrips - before.localTrips;
    const losses = told.storeLosses - before.storeLosses;
    console.log({ seconds, visits: visits.length, byEach, trips, losses, healedMs });
    expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
    const slowestMs = Math.max(...visits.map(({ tookMs }) => tookMs));
    expect(slowestMs).toBeLessThan(CALL_TIMEOUT_MS + OWN_MS);
    // The calls that trip it, the one that may be under way then, and a trial in each open period.
    const byOne = THRESHOLD + 1 + (seconds * 1_000) / (OPEN_MS * 0.9);
    expect(mostByOne).toBeLessThanOrEqual(byOne);
    const tripped = byEach.filter((failures) => failures >= THRESHOLD).length;
    expect(tripped).toBeGreaterThan(0);
    expect(trips).toBeGreaterThanOrEqual(tripped);
    expect(losses).toBeGreaterThanOrEqual(tripped);
  },
);

/** From the log of the gateway. */
const counted = () => ({
  failures: cloud.lines('gateway-v2', /"recommendations call failed"/),
  localTrips: cloud.countLines(/"circuit transition".*"to":"OPEN".*"scope":"instance"/),
  storeLosses: cloud.countLines(/"circuit store".*"available":false/),
});
