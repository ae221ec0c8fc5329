/**
 * `npm run picture:live`: records the live page from a real run, healthy, broken and healed, as docs/live.webp for the
 * README.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { CHROMIUM_PATH, HAS_CHROMIUM, openChromium } from '../load/report/chromium.ts';
import { freePorts } from '../local/testdata/fixture-cloud.ts';

const FILE = resolve('docs/live.webp');
const SIZE = { width: 1280, height: 860 };
const SHOWN_WIDTH = 960;
const LIMIT_BYTES = 3_000_000;
const EVERY_MS = 600;
/** Five times as fast as it was. */
const SHOWN_EVERY_MS = 120;
const LAST_SHOWN_MS = 3_000;

const HEALTHY_MS = 8_000;
/** Longer than the 29 s after which API Gateway gives up. */
const BROKEN_MS = 36_000;
const HEALED_MS = 6_000;
const PATIENCE_MS = 90_000;

const PARTS = ['gateway-v1', 'product', 'recommendations', 'gateway-v2', 'dynamodb', 'lambda'];

async function main(): Promise<void> {
  if (!HAS_CHROMIUM) {
    throw new Error(`There is no ${CHROMIUM_PATH}: apt-get install chromium, or set CHROMIUM.`);
  }
  const directory = await mkdtemp(join(tmpdir(), 'picture-'));
  const live = await startLive(directory);
  const browser = await openChromium();
  try {
    const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' });
    await page.goto(live.url);
    await writeAnimation(await recordStory(page));
  } finally {
    await browser.close();
    await live.stop();
    await rm(directory, { recursive: true });
  }
}

async function startLive(directory: string) {
  const ports = await freePorts('live', ...PARTS);
  const options = [...ports].flatMap(([name, port]) => ['--port', `${name}=${port}`]);
  const command = spawn(process.execPath, [resolve('live/main.ts'), ...options], {
    ...{ cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  for await (const line of createInterface({ input: command.stdout })) {
    if (line.startsWith('ready')) break;
  }
  return {
    url: `http://127.0.0.1:${ports.get('live')}/`,
    async stop() {
      if (command.kill('SIGTERM')) await once(command, 'exit');
    },
  };
}

/** The frames, as PNG files. */
async function recordStory(page: Page): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  await bothServe(page);
  const recording = new AbortController();
  const recorded = record(page, frames, recording.signal);
  await sleep(HEALTHY_MS);
  await page.getByRole('button', { name: 'hanging', exact: true }).click();
  await sleep(BROKEN_MS);
  await page.getByRole('button', { name: 'healthy', exact: true }).click();
  await bothServe(page);
  await sleep(HEALED_MS);
  recording.abort();
  await recorded;
  return frames;
}

async function record(page: Page, frames: Buffer[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const [frame] = await Promise.all([page.screenshot({ animations: 'allow' }), sleep(EVERY_MS)]);
    frames.push(frame);
  }
}

async function bothServe(page: Page): Promise<void> {
  const served = page.locator('.verdict', { hasText: 'Everybody gets recommendations' });
  await served.nth(1).waitFor({ timeout: PATIENCE_MS });
}

async function writeAnimation(frames: readonly Buffer[]): Promise<void> {
  const small = frames.map((frame) => sharp(frame).resize({ width: SHOWN_WIDTH }).png().toBuffer());
  const delay = frames.map((_, i) => (i === frames.length - 1 ? LAST_SHOWN_MS : SHOWN_EVERY_MS));
  await sharp(await Promise.all(small), { join: { animated: true } })
    .webp({ quality: 65, effort: 4, minSize: true, loop: 0, delay })
    .toFile(FILE);
  const { size } = await stat(FILE);
  console.log(`${FILE}: ${frames.length} frames, ${(size / 1e6).toFixed(2)} MB`);
  if (size > LIMIT_BYTES) throw new Error(`it is larger than ${LIMIT_BYTES / 1e6} MB`);
}

await main();
