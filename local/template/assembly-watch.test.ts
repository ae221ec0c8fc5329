import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fixtureTemplate, writeAssembly } from '../testdata/assembly.ts';
import { watchAssembly } from './assembly-watch.ts';

/** Longer than it takes to notice. */
const NOTICED = { timeout: 5_000 };

function watched() {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  const write = (name: string) =>
    writeAssembly(directory, fixtureTemplate({ [name]: { handler: 'index.echo' } }));
  write('cart');
  const onChange = vi.fn();
  const stop = watchAssembly(directory, onChange);
  onTestFinished(() => {
    stop();
    rmSync(directory, { recursive: true, force: true });
  });
  return { directory, write, onChange };
}

test.each([
  [
    'deleted',
    ({ directory }: ReturnType<typeof watched>) => rmSync(directory, { recursive: true }),
  ],
  ['replaced by another', ({ write }: ReturnType<typeof watched>) => write('mail')],
])('an assembly that is %s is told once', async (_, change) => {
  const assembly = watched();
  change(assembly);
  await expect.poll(() => assembly.onChange.mock.calls.length, NOTICED).toBe(1);
  assembly.write('yet-another');
  await sleep(2_000);
  expect(assembly.onChange).toHaveBeenCalledTimes(1);
});

test('a synthesis that changes nothing is not told', async () => {
  const { write, onChange } = watched();
  write('cart');
  await sleep(2_500);
  expect(onChange).not.toHaveBeenCalled();
});
