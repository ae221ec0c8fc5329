/** The table fails in every way that a table fails in, while the recommendations are well and while they hang. */
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type ChaosCloud,
  expectAgreement,
  type Item,
  LEASE_MS,
  LONGEST_OPEN_MS,
  OPEN_MS,
  pause,
  startChaosCloud,
  THRESHOLD,
} from '../support/chaos-cloud.ts';
import {
  lateBy,
  losingAnswers,
  type StoreBehaviour,
  throttling,
} from '../support/dynamodb-proxy.ts';
import { answering } from '../support/misbehaviour.ts';

const USERS = 6;
/** What a request needs besides the recommendations, on a busy machine. */
const OWN_MS = 2_000;

let cloud: ChaosCloud;

beforeAll(async () => {
  cloud = await startChaosCloud({ prewarm: USERS });
});
afterAll(() => cloud.close());

interface Fault {
  readonly name: string;
  readonly forMs: number;
  readonly begin: () => unknown;
  readonly end: () => unknown;
}

const hangingUp: StoreBehaviour = async ({ hangUp }) => hangUp();
const answeringItself =
  (status: number, body: string): StoreBehaviour =>
  async ({ answer }) =>
    answer({ status, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) });

const behaving = (name: string, forMs: number, behaviour: StoreBehaviour): Fault => ({
  name,
  forMs,
  begin: () => cloud.store.behave(behaviour),
  end: () => cloud.store.behave(),
});

let operations = 0;
let kept: Item | undefined;

const FAULTS: Fault[] = [
  {
    name: 'has ended and starts anew, empty',
    forMs: 4_000,
    begin: () => cloud.engine.stop(),
    end: () => cloud.engine.start(),
  },
  {
    name: 'has ended and starts again with its state',
    forMs: 4_000,
    async begin() {
      kept = await cloud.table.item();
      cloud.store.behave(hangingUp);
      await cloud.engine.stop();
    },
    async end() {
      await cloud.engine.start();
      await cloud.table.replaceItem(kept);
      cloud.store.behave();
    },
  },
  {
    name: 'is stopped and goes on',
    forMs: 4_000,
    begin: () => process.kill(cloud.engine.pid, 'SIGSTOP'),
    end: () => process.kill(cloud.engine.pid, 'SIGCONT'),
  },
  {
    name: 'has no table',
    forMs: 4_000,
    begin: () => cloud.table.remove(),
    end: () => cloud.table.create(),
  },
  behaving('answers a second late', 4_000, lateBy(1_000)),
  behaving(
    'loses every second answer after it was applied',
    4_000,
    losingAnswers(() => operations++ % 2 === 0),
  ),
  behaving('hangs up', 4_000, hangingUp),
  behaving('answers 500', 4_000, answeringItself(500, '{"__type":"InternalServerError"}')),
  behaving('answers HTML', 4_000, answeringItself(200, '<html>')),
  behaving('denies access', 4_000, answeringItself(400, '{"__type":"AccessDeniedException"}')),
  behaving(
    'throttles everything',
    4_000,
    throttling(() => true),
  ),
  behaving(
    'throttles writes',
    4_000,
    throttling(({ name }) => name === 'UpdateItem'),
  ),
];

describe('while the store', () => {
  test.each(FAULTS)('$name: all are served whole, in time', async (fault) => {
    const { visits } = await meet(fault, 'well');
    expect(visits.filter(({ degraded }) => degraded)).toEqual([]);
    const slowestMs = Math.max(...visits.map(({ tookMs }) => tookMs));
    expect(slowestMs).toBeLessThan(OWN_MS);
  });

  test.each(FAULTS)(
    '$name and the recommendations fail: every instance protects itself',
    async (fault) => {
      const { visits, calls, mostByOne, environments } = await meet(fault, 'failing');
      const slowestMs = Math.max(...visits.map(({ tookMs }) => tookMs));
      expect(slowestMs).toBeLessThan(OWN_MS);
      // Alone, an instance makes the calls that trip its circuit and one trial in each open period.
      const byOne = THRESHOLD + fault.forMs / (OPEN_MS * 0.9);
      expect(mostByOne).toBeLessThanOrEqual(byOne);
      expect(calls).toBeLessThanOrEqual(byOne * environments);
    },
  );
});

/** The users come all the while; the figures are those of the fault. */
async function meet({ forMs, begin, end }: Fault, recommendations: 'well' | 'failing') {
  let isOver = false;
  const recover = async () => {
    if (isOver) return;
    isOver = true;
    await end();
    cloud.recommendations.behave();
  };
  onTestFinished(recover);
  await expectAgreement(cloud, { users: USERS, withinMs: 10_000 });
  const before = failures();
  const crowd = cloud.startCrowd(USERS);
  await begin();
  cloud.recommendations.received.length = 0;
  if (recommendations === 'failing') cloud.recommendations.behave(answering(500));
  await pause(forMs);
  const calls = cloud.recommendations.received.length;
  const byEach = [...failures()].map(([stream, lines]) => lines - (before.get(stream) ?? 0));
  await recover();
  // An instance leaves a store that failed alone for at most as long again as it has failed.
  const withinMs = forMs + LEASE_MS + LONGEST_OPEN_MS + OWN_MS;
  const healedMs = await expectAgreement(cloud, { users: USERS, withinMs });
  const visits = await crowd.leave();
  expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
  const mostByOne = Math.max(...byEach);
  report({ visits: visits.length, calls, mostByOne, healedMs });
  return { visits, calls, mostByOne, environments: byEach.length };
}

const failures = () => cloud.lines('gateway-v2', /"recommendations call failed"/);

function report(figures: Record<string, number>) {
  const parts = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value)}`);
  console.log(`${expect.getState().currentTestName}: ${parts.join(', ')}`);
}
