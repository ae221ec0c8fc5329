import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { deleteOldest } from './log-retention.ts';

/** Ten streams of 100 bytes, of two functions; the first was written longest ago. */
function tenStreams() {
  const logDir = mkdtempSync(join(tmpdir(), 'logs-'));
  onTestFinished(() => rmSync(logDir, { recursive: true }));
  for (const [i, fn] of Array.from(
    { length: 10 },
    (_, i) => ['even', 'odd'][i % 2] ?? '',
  ).entries()) {
    mkdirSync(join(logDir, fn), { recursive: true });
    const file = join(logDir, fn, `${i}.log`);
    writeFileSync(file, 'x'.repeat(100));
    utimesSync(file, i, i);
  }
  const left = () => ['even', 'odd'].flatMap((fn) => readdirSync(join(logDir, fn))).toSorted();
  return { logDir, left };
}

test('logs within the limit stay', async () => {
  const { logDir, left } = tenStreams();
  await deleteOldest(logDir, 1_000);
  expect(left()).toHaveLength(10);
});

test('beyond the limit the streams written longest ago go, with some room for the next', async () => {
  const { logDir, left } = tenStreams();
  await deleteOldest(logDir, 800);
  expect(left()).toEqual(['4.log', '5.log', '6.log', '7.log', '8.log', '9.log']);
});

test('logs that somebody else has deleted are no mistake', async () => {
  const { logDir } = tenStreams();
  await expect(deleteOldest(join(logDir, 'gone'), 1)).resolves.toBeUndefined();
});
