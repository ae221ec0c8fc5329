/** The whole way from a recorded run (recovery, six users) to the files. The expected figures were counted by hand. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textTable } from './render/rows.ts';
import type { Report } from './report.ts';
import { REPORT_FILES, writeReport } from './write.ts';

let directory: string;
let report: Report;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'report-'));
  await cp(join(import.meta.dirname, 'testdata/recovery'), directory, { recursive: true });
  report = await writeReport(directory);
});

afterAll(() => rm(directory, { recursive: true }));

const read = (name: string) => readFile(join(directory, name), 'utf8');

test('the figures are those of the request logs', () => {
  const { v1, v2 } = report.variants;
  expect(v1).toMatchObject({
    requests: 35,
    users: 6,
    outcomes: { ok: { count: 29 }, degraded: { count: 0 }, failed: { count: 6 } },
    elapsedSeconds: 11.655,
    latencyMs: { min: 7, median: 33, p95: 3273, max: 3339 },
    statuses: { 200: 29, 500: 6 },
  });
  expect(v2).toMatchObject({
    requests: 38,
    outcomes: { ok: { count: 14 }, degraded: { count: 24 }, failed: { count: 0 } },
    elapsedSeconds: 11.629,
    latencyMs: { min: 5, median: 20, p95: 2394, max: 2404 },
    statuses: { 200: 38 },
  });
  expect(v1.latencyMs.mean).toBeCloseTo(577.77, 2);
  expect(v1.requestsPerSecond).toBeCloseTo(35 / 11.655);
  expect(v2.usefulRequestsPerSecond).toBeCloseTo(38 / 11.629);
});

test('the work of the functions is that of their logs', () => {
  const billed = ({ fleet }: Report['variants']['v1']) =>
    fleet?.functions.map(({ part, invocations, billedGbSeconds }) => [
      part,
      invocations,
      Number(billedGbSeconds.toFixed(3)),
    ]);
  expect(billed(report.variants.v1)).toEqual([
    ['gateway-v1', 35, 10.737],
    ['product', 35, 0.157],
    ['recommendations', 35, 4.836],
  ]);
  expect(billed(report.variants.v2)).toEqual([
    ['gateway-v2', 38, 8.496],
    ['product', 38, 0.191],
    ['recommendations', 20, 4.823],
  ]);
  expect(report.variants.v2.fleet).toMatchObject({
    recommendationsCalls: 20,
    productFailures: 0,
    store: { reads: 29, writes: 5 },
  });
});

test('the circuit tripped in the outage and closed after it', () => {
  const { circuit, faultSwitches } = report.variants.v2;
  expect(circuit?.transitions.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'CLOSED OPEN',
    'OPEN HALF_OPEN',
    'HALF_OPEN CLOSED',
  ]);
  expect(circuit?.callsByState).toEqual({ CLOSED: 19, OPEN: 0, HALF_OPEN: 1 });
  const [, hang, end] = faultSwitches;
  expect(circuit?.firstOpenSeconds).toBeGreaterThan(hang?.askedAtSeconds ?? Number.NaN);
  expect(circuit?.transitions.at(-1)?.atSeconds).toBeGreaterThan(end?.askedAtSeconds ?? Number.NaN);
});

test('a quick run says that it was one, and nothing else is wrong with this one', () => {
  expect(report.caveats).toEqual([expect.stringContaining('Quick profile: 6 users for 12 s')]);
});

test('all files are written, and the JSON holds what was returned, so no figure in it is NaN', async () => {
  for (const name of REPORT_FILES) expect((await read(name)).length).toBeGreaterThan(500);
  const written = JSON.parse(await read('comparison_report.json'));
  expect(written).toEqual(report);
});

test('the same recording gives the same bytes', async () => {
  const before = await Promise.all(REPORT_FILES.map(read));
  await writeReport(directory);
  expect(await Promise.all(REPORT_FILES.map(read))).toEqual(before);
});

test('every row of the terminal table is in the page, with its definition', async () => {
  const page = await read('comparison.html');
  const labels = textTable(report)
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split('   ')[0] ?? '');
  expect(labels.length).toBeGreaterThan(15);
  for (const label of labels) {
    expect(page).toContain(`<th scope="row">${label}</th>`);
    expect(page).toContain(`<dt>${label}</dt><dd>`);
  }
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
  await cp(join(import.meta.dirname, 'testdata/recovery'), join(directory, 'odd'), {
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
});
