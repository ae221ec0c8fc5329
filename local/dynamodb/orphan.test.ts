import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endOrphan, rememberChild } from './orphan.ts';

const PROGRAM = realpathSync(process.execPath);
const SOMEBODY_ELSE = 1;

/** Reads /proc, as the binary that it is for runs on Linux only. */
describe.runIf(process.platform === 'linux')('a child of an earlier run', () => {
  let directory: string;
  let pidFile: string;
  let child: ChildProcess;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'orphan-'));
    pidFile = join(directory, 'engine.pid');
    child = spawn(PROGRAM, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
  });
  afterEach(() => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  const orphaned = () =>
    writeFileSync(pidFile, JSON.stringify({ child: child.pid, parent: SOMEBODY_ELSE }));

  it('is ended when its parent is gone', async () => {
    orphaned();
    const exited = once(child, 'exit');
    await endOrphan(pidFile, PROGRAM);
    expect(await exited).toEqual([null, 'SIGKILL']);
    expect(existsSync(pidFile)).toBe(false);
  });

  it('stays when its parent lives, and the new run is told who that is', async () => {
    rememberChild(pidFile, child);
    await expect(endOrphan(pidFile, PROGRAM)).rejects.toThrow(`process ${process.pid}`);
    expect(child.exitCode).toBeNull();
  });

  it('is none when the process id belongs to another program by now', async () => {
    orphaned();
    await endOrphan(pidFile, '/usr/bin/something-else');
    expect(child.kill(0)).toBe(true);
  });

  it('is none when there was no earlier run', async () => {
    await expect(endOrphan(pidFile, PROGRAM)).resolves.toBeUndefined();
  });
});
