import { expect, test } from 'vitest';
import { startChild, stopAllChildren } from './children.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A child that starts another one, prints the pids of both and then stays. */
const family = `
  const { spawn } = require('node:child_process');
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  console.log(process.pid + ' ' + other.pid);
  setInterval(() => {}, 1000);
`;

test('stopping takes the child and whatever the child has started', async () => {
  const line = Promise.withResolvers<string>();
  const child = startChild({ args: ['-e', family], onLine: line.resolve });
  const pids = (await line.promise).split(' ').map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  await stopAllChildren();
  expect(await child.exited).toBeNull();
  await expect.poll(() => pids.map(isAlive), { timeout: 10_000 }).toEqual([false, false]);
});

test('the last lines that a child printed are kept for the message', async () => {
  const child = startChild({
    args: ['-e', 'console.log("one"); console.error("two"); process.exitCode = 3'],
  });
  expect(await child.exited).toBe(3);
  expect(child.lastLines().split('\n').sort()).toEqual(['one', 'two']);
});
