import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { followCircuit } from './circuit-follower.ts';
import { watchEndIn } from './report/raw/circuit-sightings.ts';

const directory = mkdtempSync(join(tmpdir(), 'circuit-follower-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('a watch that ends before it is stopped leaves behind when and why', async () => {
  const file = join(directory, 'early');
  const beforeMs = Date.now();
  const circuit = followCircuit(['--target', 'localstack', '--outputs', 'nowhere.json'], file);
  await expect.poll(() => readFileSync(file, 'utf8'), { timeout: 15_000 }).toContain('endedAtMs');
  const end = watchEndIn(readFileSync(file, 'utf8'));
  expect(end?.endedAtMs).toBeGreaterThanOrEqual(beforeMs);
  expect(end?.words).toContain('nowhere.json cannot be read');
  expect(circuit.state()).toBeUndefined();
});

test.each(['', '{"generation":3}', '{"generation":3}\n'])(
  'a watch that was stopped at the end leaves nothing of the kind: %j',
  (text) => {
    expect(watchEndIn(text)).toBeUndefined();
  },
);
