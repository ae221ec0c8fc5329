/** The whole way from a recorded run of six users to the files. The expected figures were counted by another program. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { comparisonPage } from './render/page.ts';
import { comparisonRows } from './render/rows.ts';
import { sideBySide, textReport } from './render/text.ts';
import type { Report } from './report.ts';
import { REPORT_FILES, writeReport } from './write.ts';

let directory: string;
let report: Report;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'report-'));
  await cp(join(import.meta.dirname, 'testdata/outage'), directory, { recursive: true });
  report = await writeReport(directory);
});

afterAll(() => rm(directory, { recursive: true }));

const read = (name: string) => readFile(join(directory, name), 'utf8');

test('the figures are those of the request logs, by the phase in which a request was sent', () => {
  const { v1, v2 } = report.variants;
  expect(v1).toMatchObject({
    ...{ users: 6, elapsedSeconds: 15.902, sentWhileSwitching: 12 },
    phases: {
      before: {
        ...{ requests: 15, fromSeconds: 0, toSeconds: 3.921, statuses: { 200: 15 } },
        outcomes: { ok: { count: 15 }, degraded: { count: 0 }, failed: { count: 0 } },
        latencyMs: { min: 12, median: 61, p95: 252, max: 252 },
      },
      fault: {
        ...{ requests: 4, fromSeconds: 5.71, toSeconds: 10.051, statuses: { 500: 4 } },
        outcomes: { ok: { count: 0 }, degraded: { count: 0 }, failed: { count: 4, share: 1 } },
        latencyMs: { min: 3052, mean: 3119, median: 3122, p95: 3160, max: 3160 },
      },
      after: { requests: 9, fromSeconds: 12.699, outcomes: { ok: { count: 9 } } },
    },
  });
  expect(v2).toMatchObject({
    ...{ users: 6, elapsedSeconds: 15.666, sentWhileSwitching: 14 },
    phases: {
      before: { requests: 12, outcomes: { ok: { count: 12 } } },
      fault: {
        ...{ requests: 9, fromSeconds: 5.086, toSeconds: 9.719, statuses: { 200: 9 } },
        outcomes: { ok: { count: 0 }, degraded: { count: 9, share: 1 }, failed: { count: 0 } },
        latencyMs: { min: 6, median: 25, p95: 2690, max: 2690 },
      },
      after: { requests: 16, outcomes: { ok: { count: 11 }, degraded: { count: 5 } } },
    },
  });
  expect(v1.phases.fault.requestsPerSecond).toBeCloseTo(4 / 4.341);
  expect(v1.phases.fault.usefulRequestsPerSecond).toBe(0);
  expect(v2.phases.fault.usefulRequestsPerSecond).toBeCloseTo(9 / 4.633);
});

test('full service is back when the last answer that was not ok has arrived', () => {
  const { v1, v2 } = report.variants;
  expect(v1.recovery).toEqual({ fullServiceSeconds: 2.835, circuitClosedSeconds: null });
  expect(v2.recovery.fullServiceSeconds).toBe(2.477);
  expect(v2.recovery.circuitClosedSeconds).toBeCloseTo(2.59);
});

test('the work of the functions under the fault is that of their logs', () => {
  const billed = ({ fleet }: Report['variants']['v1']) =>
    fleet?.functions.map(({ part, invocations, billedGbSeconds }) => [
      part,
      invocations,
      Number(billedGbSeconds.toFixed(3)),
    ]);
  expect(billed(report.variants.v1)).toEqual([
    ['gateway-v1', 4, 6.21],
    ['product', 5, 0.002],
    ['recommendations', 5, 3.833],
  ]);
  expect(billed(report.variants.v2)).toEqual([
    ['gateway-v2', 9, 2.971],
    ['product', 10, 0.089],
    ['recommendations', 4, 3.393],
  ]);
  expect(report.variants.v2.fleet).toMatchObject({
    recommendationsCalls: 4,
    productFailures: 0,
    store: { reads: 6, writes: 0 },
  });
});

test('the circuit tripped in the outage and closed after it', () => {
  const { circuit, phases } = report.variants.v2;
  expect(circuit?.transitions.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'CLOSED OPEN',
    'OPEN HALF_OPEN',
    'HALF_OPEN CLOSED',
  ]);
  expect(circuit?.firstOpenSeconds).toBeGreaterThan(phases.before.toSeconds);
  expect(circuit?.transitions.at(-1)?.atSeconds).toBeGreaterThan(phases.fault.toSeconds);
});

test('a quick run says that it was one, and nothing else is wrong with this one', () => {
  expect(report.caveats).toEqual([
    expect.stringContaining('Quick profile: 6 users, 6 s of outage'),
  ]);
});

test('all files are written, and the JSON holds what was returned, so no figure in it is NaN', async () => {
  for (const name of REPORT_FILES) expect((await read(name)).length).toBeGreaterThan(500);
  const written = JSON.parse(await read('comparison_report.json'));
  expect(written).toEqual(report);
});

test('a page is a plain string, which is written at once', async () => {
  expect(typeof (await comparisonPage(report))).toBe('string');
});

test('the same recording gives the same bytes', async () => {
  const before = await Promise.all(REPORT_FILES.map(read));
  await writeReport(directory);
  expect(await Promise.all(REPORT_FILES.map(read))).toEqual(before);
}, 60_000);

test('every row is in the page, with its definition', async () => {
  const page = await read('comparison.html');
  const rows = comparisonRows(report);
  expect(rows.length).toBeGreaterThan(15);
  for (const { label } of rows) {
    expect(page).toContain(`<th scope="row">${label}</th>`);
    expect(page).toContain(`<dt>${label}</dt><dd>`);
  }
});

const terminal = new PassThrough() as unknown as NodeJS.WriteStream;
const linesOf = (text: string) => stripVTControlCharacters(text).split('\n');

test('the report for the terminal says who failed in which phase, and fits 60 columns', () => {
  const lines = linesOf(textReport(report, terminal));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(lines.join('\n')).toContain(
    [
      'Phase              failed  degraded  ok  served  median',
      'healthy        v1       0         0  15   100 %   61 ms',
      '               v2       0         0  12   100 %   62 ms',
      'hanging        v1       4         0   0     0 %  3.12 s',
      '               v2       0         9   0   100 %   25 ms',
      'healthy again  v1       0         0   9   100 %   10 ms',
      '               v2       0         5  11   100 %   26 ms',
    ].join('\n'),
  );
});

test('two runs side by side fit 60 columns, the same variant of both next to each other', () => {
  const lines = linesOf(sideBySide(['one', report], ['another', report]));
  expect(lines.slice(0, 2)).toEqual(['A  one', 'B  another']);
  expect(lines).toContain('Latency, median           3.12 s  3.12 s   25 ms   25 ms');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
});

test.each(['comparison.html', 'results_v1.html', 'results_v2.html'])(
  '%s needs no network and runs nothing',
  async (name) => {
    const page = await read(name);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\((?!#)|src=/);
    expect(page.match(/https?:\/\/[^\s"'<]+/g) ?? []).toEqual([]);
  },
);

test('text from outside is escaped', async () => {
  await cp(join(import.meta.dirname, 'testdata/outage'), join(directory, 'odd'), {
    recursive: true,
  });
  const run = join(directory, 'odd/raw/run.json');
  const odd = (await readFile(run, 'utf8')).replace('"recorded"', '"<b>&amp;\'x"');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(run, odd);
  await writeReport(join(directory, 'odd'));
  const page = await read('odd/comparison.html');
  expect(page).not.toContain('<b>&amp;');
  expect(page).toContain('&lt;b&gt;&amp;amp;&#39;x');
}, 60_000);
