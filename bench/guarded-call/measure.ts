import { figureOf, type Goal, type Measured, ratioOf, type Table } from '../suite/results.ts';
import { inTurns } from '../suite/turns.ts';
import { type GuardedCall, STATES, type State, SUBJECTS } from './subjects.ts';

const TURNS = 11;
/** Long beside the steps in which the kernel counts a thread's time. */
const BATCH_MS = 120;
const WARM_UP_CALLS = 20_000;
const CALLS_FOR_BYTES = 1_000;

interface StateFigures {
  readonly nanoseconds: Record<string, number[]>;
  readonly bytes: Record<string, number[]>;
}

async function callOften(call: GuardedCall, calls: number): Promise<void> {
  for (let i = 0; i < calls; i++) await call().catch(() => {});
}

async function batchOf(call: GuardedCall): Promise<number> {
  await callOften(call, WARM_UP_CALLS);
  const startedAtMs = performance.now();
  await callOften(call, WARM_UP_CALLS);
  return Math.ceil((BATCH_MS * WARM_UP_CALLS) / (performance.now() - startedAtMs));
}

async function nanosecondsOf(call: GuardedCall, calls: number): Promise<number> {
  const before = process.threadCpuUsage();
  await callOften(call, calls);
  const { user, system } = process.threadCpuUsage(before);
  return ((user + system) * 1_000) / calls;
}

/** The young generation is larger than all that is made here, so that nothing is collected meanwhile. */
async function bytesOf(call: GuardedCall): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  await callOften(call, CALLS_FOR_BYTES);
  return (process.memoryUsage().heapUsed - before) / CALLS_FOR_BYTES;
}

async function measureState(state: State): Promise<StateFigures> {
  const time: Record<string, () => Promise<number>> = {};
  const space: Record<string, () => Promise<number>> = {};
  for (const { name, bringInto } of SUBJECTS) {
    const call = await bringInto(state);
    if (call === undefined) continue;
    const calls = await batchOf(call);
    time[name] = () => nanosecondsOf(call, calls);
    space[name] = () => bytesOf(call);
  }
  return { nanoseconds: await inTurns(time, TURNS), bytes: await inTurns(space, 3) };
}

const VIEW = 'fleet-breaker, view kept';
const READ = 'fleet-breaker, read per call';

function tableOf(state: State, { nanoseconds, bytes }: StateFigures): Table {
  const { floor } = nanoseconds;
  const rows = Object.keys(nanoseconds).map((label) => {
    const ns = nanoseconds[label] ?? [];
    const ofFloor = floor ? [ratioOf(ns, floor)] : [];
    return { label, figures: [figureOf(ns), ...ofFloor, figureOf(bytes[label] ?? [])] };
  });
  const columns = ['CPU, ns', ...(floor ? ['of the floor'] : []), 'bytes'];
  return { title: TITLES[state], label: 'Call', columns, rows, notes: NOTES[state] };
}

const TITLES: Readonly<Record<State, string>> = {
  closed: 'Closed: the call is made and succeeds',
  open: 'Open: the call is refused',
  'half-open': 'Half-open: the call is refused while the probe is under way',
  failing: 'Failing: the call is made and fails, and the circuit does not trip',
};

const NOTES: Readonly<Record<State, readonly string[]>> = {
  closed: [],
  open: [],
  'half-open': ['Calls of cockatiel wait for the probe then, so there is nothing to measure.'],
  failing: [
    'fleet-breaker reads and writes the shared item for failures, here in memory; after a few it would trip.',
    'opossum has `rollingPercentilesEnabled: false`: with it every failure sorts all latencies of ten seconds.',
  ],
};

const LONGER =
  'a call gets a signal that is aborted with it, its answer is looked at for an HTTP status, the clock is read three times, ' +
  'and what it begins is marked, so that calls within calls are recognised';
const SHARED =
  'each failure is told to the fleet, by a read and a conditional write of the shared item';

function goalsOf(figures: Readonly<Record<State, StateFigures>>): Goal[] {
  const goal = (state: State, ours: string, theirs: string, atMost: number, whyMissed: string) => {
    const { nanoseconds } = figures[state];
    const measured = ratioOf(nanoseconds[ours] ?? [], nanoseconds[theirs] ?? []).median;
    const what = `${state}, ${ours}: CPU beside ${theirs}`;
    return { what, unit: 'x', atMost, measured, whyMissed };
  };
  return [
    goal('closed', VIEW, 'floor', 2.2, LONGER),
    goal('closed', READ, 'floor', 6, `${LONGER}, and the read has a budget of its own`),
    goal('closed', VIEW, 'opossum', 1.1, `${LONGER}; opossum does none of that`),
    goal('closed', VIEW, 'cockatiel', 1, LONGER),
    goal('closed', READ, 'cockatiel', 1, LONGER),
    ...['opossum', 'cockatiel'].map((theirs) => goal('open', VIEW, theirs, 1, '')),
    goal('half-open', VIEW, 'opossum', 1, ''),
    goal('failing', VIEW, 'cockatiel', 1, SHARED),
    goal('failing', VIEW, 'opossum', 1.1, SHARED),
  ];
}

export async function measure(): Promise<Measured> {
  const figures = {} as Record<State, StateFigures>;
  for (const state of STATES) figures[state] = await measureState(state);
  return {
    tables: STATES.map((state) => tableOf(state, figures[state])),
    goals: goalsOf(figures),
  };
}
