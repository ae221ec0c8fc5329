import { lstat, mkdir, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { planFor } from './plan.ts';
import { createRunDirectory, findRun, makeLatest, removeIfEmpty } from './results.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'results-'));
  vi.spyOn(process, 'cwd').mockReturnValue(directory);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

const plan = planFor({ scenario: 'outage', profile: 'quick', target: 'local' });
const runAt = async (time: string) => {
  const run = await createRunDirectory(new Date(`2026-01-01T${time}Z`), plan);
  await mkdir(join(run, 'raw'));
  await writeFile(join(run, 'raw/run.json'), '{}');
  await writeFile(join(run, 'report.html'), time);
  return run;
};
const read = (name: string) => readFile(join(directory, 'results', name), 'utf8');

test('each run keeps its own folder, and latest leads to the newest report', async () => {
  const first = await runAt('12:00:00');
  await makeLatest(first, ['report.html']);
  await makeLatest(await runAt('13:00:00'), ['report.html']);
  expect(await readlink(join(directory, 'results/latest'))).toBe(
    '2026-01-01T13-00-00-outage-quick',
  );
  expect(await read('latest/report.html')).toBe('13:00:00');
  expect(await read('report.html')).toBe('13:00:00');
  expect(await read('2026-01-01T12-00-00-outage-quick/report.html')).toBe('12:00:00');
});

test('a run that does not come to its report changes nothing', async () => {
  await makeLatest(await runAt('12:00:00'), ['report.html']);
  await runAt('13:00:00');
  expect(await read('latest/report.html')).toBe('12:00:00');
});

test('a run is found by its name, by its path, and the newest without either', async () => {
  const run = await runAt('12:00:00');
  await makeLatest(run, []);
  expect(await findRun('2026-01-01T12-00-00-outage-quick')).toBe(run);
  expect(await findRun(run)).toBe(run);
  expect(await readlink(await findRun())).toBe('2026-01-01T12-00-00-outage-quick');
  await expect(findRun('yesterday')).rejects.toThrow('There is no run in results/yesterday');
});

test('a place that cannot be written is told before anything starts', async () => {
  await writeFile(join(directory, 'results'), 'a file');
  await expect(runAt('12:00:00')).rejects.toThrow(/results.* cannot be made \(E\w+\)/);
});

test('only an empty folder is removed', async () => {
  const empty = await createRunDirectory(new Date('2026-01-01T14:00:00Z'), plan);
  expect(await removeIfEmpty(empty)).toBe(true);
  const run = await runAt('12:00:00');
  expect(await removeIfEmpty(run)).toBe(false);
  expect((await lstat(run)).isDirectory()).toBe(true);
});
