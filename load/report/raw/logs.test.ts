import { expect, test } from 'vitest';
import { parseLogs } from './logs.ts';

const line = (time: string, rest: object = {}) =>
  JSON.stringify({
    level: 'INFO',
    message: 'answered',
    timestamp: `2026-01-01T00:00:${time}Z`,
    ...rest,
  });
const report = (fields: string) =>
  `REPORT RequestId: a\t${fields}\tMemory Size: 512 MB\tMax Memory Used: 90 MB`;
const secondMs = (seconds: number) => Date.UTC(2026, 0, 1) + seconds * 1000;

const parse = (...lines: string[]) =>
  parseLogs([{ part: 'gateway-v2', text: `${lines.join('\n')}\n` }]);

test('an invocation ends with the last line that has a time, and began its duration earlier', () => {
  const { invocations, unfinished } = parse(
    'START RequestId: a Version: $LATEST',
    line('03.000'),
    line('04.250'),
    'END RequestId: a',
    report('Duration: 1250.00 ms\tBilled Duration: 1250 ms'),
  );
  expect(invocations).toEqual([
    {
      part: 'gateway-v2',
      startedAtMs: secondMs(3),
      endedAtMs: secondMs(4.25),
      durationMs: 1250,
      billedMs: 1250,
      initMs: undefined,
      memoryMb: 512,
      coldStart: false,
      store: { reads: 0, writes: 0 },
      productFailures: 0,
    },
  ]);
  expect(unfinished).toBe(0);
});

test.each([
  ['a request that waited for it is a cold start', true],
  ['one in an environment that was started ahead is not', false],
])('of two invocations with an initialization, %s', (_, cold) => {
  const [invocation] = parse(
    'START RequestId: a Version: $LATEST',
    line('01.000', { cold_start: cold }),
    'END RequestId: a',
    report('Duration: 10.00 ms\tBilled Duration: 190 ms\tInit Duration: 179.20 ms'),
  ).invocations;
  expect(invocation).toMatchObject({
    coldStart: cold,
    initMs: 179.2,
    billedMs: 190,
    durationMs: 10,
  });
});

test('a function that was cut off by its timeout ends with the line that says so', () => {
  const [invocation] = parse(
    'START RequestId: a Version: $LATEST',
    '2026-01-01T00:00:09.500Z a Task timed out after 5.00 seconds',
    'END RequestId: a',
    report('Duration: 5000.00 ms\tBilled Duration: 5000 ms\tStatus: timeout'),
  ).invocations;
  expect(invocation).toMatchObject({ startedAtMs: secondMs(4.5), endedAtMs: secondMs(9.5) });
});

test('without any time the duration counts and the moment stays unknown', () => {
  const { invocations } = parse(
    'START RequestId: a Version: $LATEST',
    line('01.000'),
    report('Duration: 1.00 ms\tBilled Duration: 1 ms'),
    'START RequestId: b Version: $LATEST',
    report('Duration: 7.00 ms\tBilled Duration: 7 ms'),
  );
  expect(invocations[1]).toMatchObject({
    durationMs: 7,
    startedAtMs: undefined,
    endedAtMs: undefined,
  });
});

test('an invocation without REPORT is unfinished and counts nowhere else', () => {
  const { invocations, unfinished } = parse('START RequestId: a Version: $LATEST', line('01.000'));
  expect({ invocations, unfinished }).toEqual({ invocations: [], unfinished: 1 });
});

test('transitions of all instances come in the order of their generations', () => {
  const transition = (generation: number, atMs: number) => ({
    ...{ name: 'recommendations', from: 'CLOSED', to: 'OPEN', operation: 'trip' },
    ...{ generation, reason: 'because', atMs, by: `instance ${generation}`, scope: 'fleet' },
  });
  const stream = (generation: number, atMs: number) => ({
    part: 'gateway-v2' as const,
    text: line('01.000', {
      message: 'circuit transition',
      transition: transition(generation, atMs),
    }),
  });
  const { transitions } = parseLogs([stream(2, 5), stream(1, 9)]);
  expect(transitions.map(({ generation, by }) => [generation, by])).toEqual([
    [1, 'instance 1'],
    [2, 'instance 2'],
  ]);
  expect(transitions[0]).toEqual({
    ...{ from: 'CLOSED', to: 'OPEN', generation: 1, reason: 'because' },
    ...{ atMs: 9, by: 'instance 1', scope: 'fleet' },
  });
});

/** One invocation that says how many operations its environment has made so far. */
const invocationWith = (totals: object): string[] => [
  'START RequestId: a Version: $LATEST',
  line('01.000', totals),
  report('Duration: 1.00 ms\tBilled Duration: 1 ms'),
];

test('the table operations of an invocation are what its environment has added since the last one', () => {
  const first = invocationWith({ storeReads: 12, storeWrites: 3 });
  const silent = invocationWith({});
  const second = invocationWith({ storeReads: 15, storeWrites: 3 });
  expect(parse(...first, ...silent, ...second).invocations.map(({ store }) => store)).toEqual([
    { reads: 12, writes: 3 },
    { reads: 0, writes: 0 },
    { reads: 3, writes: 0 },
  ]);
});

test('calls to product that failed are counted where they happened', () => {
  const failed = invocationWith({ message: 'product call failed' });
  const { invocations } = parse(...failed, ...invocationWith({}), ...failed);
  expect(invocations.map(({ productFailures }) => productFailures)).toEqual([1, 0, 1]);
});
