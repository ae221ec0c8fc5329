/** One read serves all who need one at nearly the same time. */
import { expect, it } from 'vitest';
import { SharedRead } from '../../src/fleet/shared-read.ts';

/** Reads that end when the test says so, in any order. */
function heldReads() {
  const ends: (() => void)[] = [];
  const shared = new SharedRead(() => new Promise<void>((resolve) => ends.push(resolve)));
  const done: string[] = [];
  const join = (name: string, nowMs: number, mayBegin = true) =>
    shared.join(nowMs, mayBegin).then(() => done.push(name));
  const end = async (read: number) => {
    ends[read]?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ends, done, join, end };
}

it.each([
  ['at the same moment', 0, 1],
  ['20 ms later', 20, 1],
  ['21 ms later', 21, 2],
  ['20 ms earlier, by a clock that was set back', -20, 1],
  ['21 ms earlier, by a clock that was set back', -21, 2],
])('A read serves whoever needs one %s', (_, laterMs, reads) => {
  const { ends, join } = heldReads();
  join('first', 1_000);
  join('second', 1_000 + laterMs);
  expect(ends).toHaveLength(reads);
});

it('All who share a read wait for its end', async () => {
  const { done, join, end } = heldReads();
  join('first', 0);
  join('second', 10);
  expect(done).toEqual([]);
  await end(0);
  expect(done.sort()).toEqual(['first', 'second']);
});

it('A read that has ended serves nobody any more', async () => {
  const { ends, join, end } = heldReads();
  join('first', 0);
  await end(0);
  join('second', 0);
  expect(ends).toHaveLength(2);
});

it('A read that ends after a later one began leaves that under way', async () => {
  const { done, join, end, ends } = heldReads();
  join('first', 0);
  join('second', 30);
  await end(0);
  expect(done).toEqual(['first']);
  join('third', 40);
  expect(ends).toHaveLength(2);
  await end(1);
  expect(done.sort()).toEqual(['first', 'second', 'third']);
});

it('A store that is to be left alone is not read, but a read that has just begun is waited for', async () => {
  const { ends, done, join, end } = heldReads();
  await join('alone', 0, false);
  expect(ends).toHaveLength(0);
  join('first', 10);
  join('second', 20, false);
  await join('third', 100, false);
  expect(ends).toHaveLength(1);
  await end(0);
  expect(done.sort()).toEqual(['alone', 'first', 'second', 'third']);
});
