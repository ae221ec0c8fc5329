import { setTimeout as sleep } from 'node:timers/promises';
import { synthesize } from '../../local/synth.ts';
import { startCrowd, type Visit } from '../../test/support/crowd.ts';
import { startDemoCloud } from '../../test/support/demo-cloud.ts';
import { figureOf, type Goal, type Measured, ratioOf, type Table } from '../suite/results.ts';
import { inTurns } from '../suite/turns.ts';
import { msUntilTrip, type TripCase } from './trip.ts';

const TRIPS: Readonly<Record<string, TripCase>> = {
  'call timeout 500 ms': { callTimeoutMs: 500 },
  'call timeout 1000 ms': { callTimeoutMs: 1_000 },
  'call timeout 2000 ms': { callTimeoutMs: 2_000 },
  'call timeout 2000 ms, slowCallMs 500': { callTimeoutMs: 2_000, slowCallMs: 500 },
};
const TRIP_TURNS = 3;

const USERS = 50;
/** The longest time between two requests of a user. */
const PAUSE_MS = 1_000;
const PREWARM = 20;
const WARM_UP_MS = 4_000;
const HEALTHY_MS = 10_000;
/** Several open periods, each with its probe. */
const OUTAGE_MS = 25_000;
const HANG_MS = 3_000;

async function tripTable(): Promise<Table> {
  const subjects = Object.entries(TRIPS).map(([label, trip]) => [label, () => msUntilTrip(trip)]);
  const values = await inTurns(Object.fromEntries(subjects), TRIP_TURNS);
  const rows = Object.entries(values).map(([label, ms]) => ({ label, figures: [figureOf(ms)] }));
  return {
    title: 'From the first call that hangs to the trip',
    ...{ label: 'Fleet', columns: ['ms'], rows },
  };
}

interface Phase {
  readonly served: number;
  readonly whole: number;
  readonly medianMs: number;
}

const isServed = ({ status }: Visit) => status === 200;

async function phase(url: string, forMs: number): Promise<Phase> {
  const crowd = startCrowd({ url, users: USERS, pauseMs: PAUSE_MS });
  await sleep(forMs);
  // What is under way at the end belongs to no phase.
  const served = crowd.visits.filter(isServed);
  const unserved = crowd.visits.length - served.length;
  void crowd.leave();
  if (unserved > 0) throw new Error(`${unserved} requests were not served`);
  const tookMs = served.map((visit) => visit.tookMs);
  const perSecond = (visits: readonly Visit[]) => (1_000 * visits.length) / forMs;
  return {
    served: perSecond(served),
    whole: perSecond(served.filter(({ degraded }) => !degraded)),
    medianMs: figureOf(tookMs).median,
  };
}

async function goodput(): Promise<{ readonly table: Table; readonly goal: Goal }> {
  await synthesize();
  const cloud = await startDemoCloud({ prewarm: PREWARM });
  const url = cloud.urlOf('gateway-v2', '/product-details/1');
  await phase(url, WARM_UP_MS);
  const healthy = await phase(url, HEALTHY_MS);
  await cloud.fault('on', '--hang-ms', String(HANG_MS));
  const outage = await phase(url, OUTAGE_MS);
  await cloud.close();
  const beside = ratioOf([outage.served], [healthy.served]);
  const rowOf = (label: string, { served, whole, medianMs }: Phase) => ({
    label,
    figures: [served, whole, medianMs].map((value) => figureOf([value])),
  });
  const table = {
    title: `${USERS} users of v2 in the local cloud, before the recommendations hang and while they do`,
    label: 'Phase',
    columns: ['served/s', 'with recommendations/s', 'median, ms'],
    rows: [rowOf('healthy', healthy), rowOf('hanging', outage)],
  };
  const goal = {
    what: 'Requests served in an outage beside those served when healthy',
    ...{ unit: 'x', atLeast: 0.97, measured: beside.median },
    whyMissed:
      'the users of the calls that trip the circuit, and of each probe, wait for the call timeout',
  };
  return { table, goal };
}

export async function measure(): Promise<Measured> {
  const trips = await tripTable();
  const { table, goal } = await goodput();
  return { tables: [trips, table], goals: [goal] };
}
