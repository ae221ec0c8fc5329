import { describe, expect, it } from 'vitest';
import { createStartGate } from './start-gate.ts';

/** Records which starts have begun; each lasts until the test ends it. */
function recordedStarts(limit: number) {
  const gate = createStartGate(limit);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const start = (line: string, name: string) =>
    gate(line, () => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.push(resolve));
    });
  const endFirst = async () => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { gate, begun, start, endFirst };
}

describe('the start gate', () => {
  it('lets at most its limit begin', async () => {
    const { begun, start, endFirst } = recordedStarts(2);
    for (const name of ['1', '2', '3']) void start('a', name);
    expect(begun).toEqual(['1', '2']);
    await endFirst();
    expect(begun).toEqual(['1', '2', '3']);
  });

  it('lets the functions take turns, whoever came with more', async () => {
    const { begun, start, endFirst } = recordedStarts(1);
    for (const name of ['a1', 'a2', 'a3']) void start('a', name);
    for (const name of ['b1', 'b2']) void start('b', name);
    for (let i = 0; i < 4; i++) await endFirst();
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3', 'b2']);
  });

  it('goes on after a start that fails', async () => {
    const { gate } = recordedStarts(1);
    await expect(gate('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await expect(gate('a', async () => 'fine')).resolves.toBe('fine');
  });
});
