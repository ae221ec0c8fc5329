import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { fixtureTemplate, writeAssembly } from '../testdata/assembly.ts';
import { watchAssembly } from './assembly-watch.ts';

/** Several looks at the assembly. */
const SOME_LOOKS_MS = 5_000;

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

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
])('an assembly that is %s, even at once, is told once', (_, change) => {
  const assembly = watched();
  change(assembly);
  vi.advanceTimersByTime(SOME_LOOKS_MS);
  expect(assembly.onChange).toHaveBeenCalledTimes(1);
  assembly.write('yet-another');
  vi.advanceTimersByTime(SOME_LOOKS_MS);
  expect(assembly.onChange).toHaveBeenCalledTimes(1);
});

test('a synthesis that changes nothing is not told', () => {
  const { write, onChange } = watched();
  write('cart');
  vi.advanceTimersByTime(SOME_LOOKS_MS);
  expect(onChange).not.toHaveBeenCalled();
});

test('nothing is told once the watch is stopped', () => {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeAssembly(directory, fixtureTemplate({ cart: { handler: 'index.echo' } }));
  const onChange = vi.fn();
  watchAssembly(directory, onChange)();
  rmSync(directory, { recursive: true });
  vi.advanceTimersByTime(SOME_LOOKS_MS);
  expect(onChange).not.toHaveBeenCalled();
});
