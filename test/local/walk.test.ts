import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { startDemoCloud } from '../support/demo-cloud.ts';

const THRESHOLD = 3;
/** The open period and some more; the stack keeps the 5 s of the original. */
const RECOVERY_LIMIT_MS = 10_000;

const run = promisify(execFile);

it('shows the whole story: failures, the trip, degraded answers at once, and the recovery', {
  timeout: 40_000,
}, async () => {
  const { get, fault, directory, close } = await startDemoCloud({ prewarm: 0 });
  onTestFinished(close);
  const logs = (question: string) =>
    run(process.execPath, [resolve('ops/logs.ts'), question], { cwd: directory });
  const details = '/product-details/1';
  const served = { status: 200, product: expect.anything(), degradedMode: false };
  const degraded = { ...served, degradedMode: true, recommendations: [] };

  expect(await get('gateway-v1', details)).toMatchObject(served);
  expect(await get('gateway-v2', details)).toMatchObject(served);
  await fault('on', '--hang-ms', '100');
  expect(await get('gateway-v1', details)).toMatchObject({ status: 500 });
  for (let i = 0; i < THRESHOLD; i++) {
    expect(await get('gateway-v2', details)).toMatchObject(degraded);
  }
  expect(await get('gateway-v2', '/circuit-status')).toMatchObject({ state: 'OPEN' });
  expect(await get('gateway-v2', details)).toMatchObject(degraded);
  await fault('off');
  await expect
    .poll(() => get('gateway-v2', details), { timeout: RECOVERY_LIMIT_MS, interval: 250 })
    .toMatchObject(served);
  expect(await get('gateway-v2', '/circuit-status')).toMatchObject({ state: 'CLOSED' });
  expect((await logs('transitions')).stdout).toMatch(
    /CLOSED -> OPEN +trip .*OPEN -> HALF_OPEN +claimProbe .*HALF_OPEN -> CLOSED +recover .* by \S/s,
  );
  expect((await logs('errors')).stdout).toContain('recommendations call failed');
  expect((await logs('slow')).stdout).toContain('/recommendations/{id} 408');
});
