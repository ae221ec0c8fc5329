import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { percentile, sum } from '../../load/report/statistics.ts';
import { statusOfItem } from '../support/circuit-status.ts';
import { startDemoCloud } from '../support/demo-cloud.ts';

const USERS = 10;
const WARM_UP_ROUNDS = 30;
/** Between two requests of a user, at most. */
const PAUSE_MS = 400;
const DELAY_LIMIT_MS = 100;
const THRESHOLD = 3;
const OPEN_MS = 5_000;
const CALL_TIMEOUT_MS = 2_000;
/** Longer than v2 waits, and short enough that hanging environments do not pile up. */
const HANG_MS = 3_000;
/** An open period, a probe, and some more. */
const SOON = { timeout: 15_000, interval: 250 };

type Demo = Awaited<ReturnType<typeof startDemoCloud>>;

it('a fleet without its store delays nobody and floods nobody, and agrees again once the store is back', {
  timeout: 90_000,
  // Other work on the machine may delay answers too, but not three times. Nothing else is forgiven.
  retry: { count: 2, condition: /a late p95/ },
}, async () => {
  const demo = await startDemoCloud({ prewarm: USERS });
  onTestFinished(demo.close);
  for (let round = 0; round < WARM_UP_ROUNDS; round++) await asUsers(() => details(demo));
  const healthy = await measure(demo, 'healthy', 4_000);
  const closed = await measure(demo, 'killed while CLOSED', 3_000, demo.engine.stop);
  await demo.fault('on', '--hang-ms', String(HANG_MS));
  const hanging = await measure(demo, 'then recommendations hang', 8_000);
  await demo.engine.start();
  await expectAgreement(demo, 'CLOSED');
  await expectAllToMeet(demo, 'OPEN');
  const open = await measure(demo, 'killed while OPEN', 6_000, demo.engine.stop);
  await demo.engine.start();
  await expectAgreement(demo, 'CLOSED');
  await expectAllToMeet(demo, 'OPEN');
  await demo.fault('off');
  await expectAllToMeet(demo, 'CLOSED');
  const stuck = await measure(demo, 'store hangs while CLOSED', 3_000, async () => {
    process.kill(demo.engine.pid, 'SIGSTOP');
  });

  const phases = [healthy, closed, hanging, open, stuck];
  console.table(phases);
  for (const { p95Ms, waits, failures } of phases) {
    expect(p95Ms, 'a late p95').toBeLessThanOrEqual(healthy.p95Ms + DELAY_LIMIT_MS);
    // Nothing but a call to the recommendations may take so long.
    expect(waits).toBeLessThanOrEqual(failures);
  }
  expectSpared(hanging, THRESHOLD);
  expectSpared(open, 0);
});

type Phase = Awaited<ReturnType<typeof measure>>;

/**
 * Alone, an instance makes the calls that trip its circuit, here one hanging call after another, and
 * one trial after each open period.
 */
function expectSpared({ elapsedMs, mostByOne, calls, environments }: Phase, untilTrip: number) {
  const openPeriods = Math.floor((elapsedMs - untilTrip * CALL_TIMEOUT_MS) / OPEN_MS);
  expect(mostByOne).toBeLessThanOrEqual(untilTrip + openPeriods);
  expect(calls).toBeLessThanOrEqual(environments * (untilTrip + openPeriods));
}

/** Users who come again and again, each at its own time; the event strikes when all of them have begun. */
async function measure(demo: Demo, phase: string, durationMs: number, event = async () => {}) {
  const [callsBefore, failuresBefore] = [callsTo(demo), failuresOf(demo)];
  const startedAtMs = performance.now();
  const visits = async () => {
    const tookMs: number[] = [];
    // Ten at the same moment would be slow for that reason alone.
    await sleep(PAUSE_MS * Math.random());
    while (performance.now() < startedAtMs + durationMs) {
      tookMs.push((await details(demo)).tookMs);
      await sleep(PAUSE_MS * (0.5 + Math.random() / 2));
    }
    return tookMs;
  };
  const [tookMs] = await Promise.all([asUsers(visits), sleep(PAUSE_MS).then(event)]);
  const failures = [...failuresOf(demo)].map(([one, n]) => n - (failuresBefore.get(one) ?? 0));
  const hasWaited = (ms: number) => ms >= CALL_TIMEOUT_MS;
  // Every request counts; of one that waited for the recommendations in vain, all but that wait.
  const own = tookMs.flat().map((ms) => (hasWaited(ms) ? ms - CALL_TIMEOUT_MS : ms));
  const ownMs = own.sort((a, b) => a - b);
  return {
    phase,
    elapsedMs: Math.round(performance.now() - startedAtMs),
    requests: ownMs.length,
    p95Ms: Math.round(percentile(ownMs, 95) ?? Number.NaN),
    waits: tookMs.flat().filter(hasWaited).length,
    calls: callsTo(demo) - callsBefore,
    failures: sum(failures),
    mostByOne: Math.max(...failures),
    environments: failures.length,
  };
}

const asUsers = <T>(visit: () => Promise<T>) => Promise.all(Array.from({ length: USERS }, visit));

async function details({ get }: Demo) {
  const askedAtMs = performance.now();
  const { status, degradedMode } = await get('gateway-v2', '/product-details/1');
  expect(status).toBe(200);
  return { degradedMode, tookMs: performance.now() - askedAtMs };
}

const callsTo = ({ lines }: Demo) => sum([...lines('recommendations', /^START /).values()]);
const failuresOf = ({ lines }: Demo) => lines('gateway-v2', /"recommendations call failed"/);

async function expectAllToMeet(demo: Demo, state: 'OPEN' | 'CLOSED') {
  const meet = async () => {
    const answers = await asUsers(() => details(demo));
    const degraded = answers.filter(({ degradedMode }) => degradedMode).length;
    return { degraded, state: (await demo.storedCircuit()).state };
  };
  await expect.poll(meet, SOON).toEqual({ degraded: state === 'OPEN' ? USERS : 0, state });
  await expectAgreement(demo, state);
}

async function expectAgreement(demo: Demo, state: string) {
  const told = await asUsers(() => demo.get('gateway-v2', '/circuit-status'));
  const agreed = statusOfItem(await demo.storedCircuit(), state);
  expect(told).toEqual(told.map(() => agreed));
}
