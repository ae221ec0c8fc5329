import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CHROMIUM_PATH, HAS_CHROMIUM, openChromium } from '../load/report/chromium.ts';
import { freePorts } from '../local/testdata/fixture-cloud.ts';

if (!HAS_CHROMIUM) {
  console.log(
    `Skipped, the live page in a browser: there is no ${CHROMIUM_PATH} (apt-get install chromium).`,
  );
}

const PARTS = ['live', 'gateway-v1', 'product', 'recommendations', 'gateway-v2', 'dynamodb'];
const READY = { timeout: 90_000, interval: 200 };
/** An open period, a probe, the command behind the switch, and a machine that does other work too. */
const SOON = { timeout: 45_000, interval: 200 };
/** As long as the calls of v1 that hang. */
const HEALED = { timeout: 75_000, interval: 500 };
const IN_MILLISECONDS = 'Everybody is served without recommendations, in \\d+(\\.\\d)? ms';

/** In its order: each test goes on where the one before has ended. */
describe.skipIf(!HAS_CHROMIUM)('the live page', { timeout: 180_000 }, () => {
  let directory: string;
  let command: ChildProcess;
  let output = '';
  let browser: Browser;
  let page: Page;
  let url: string;
  const noise: string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'live-'));
    const ports = await freePorts(...PARTS, 'lambda');
    const options = [...ports].flatMap(([name, port]) => ['--port', `${name}=${port}`]);
    url = `http://127.0.0.1:${ports.get('live')}/`;
    command = spawn(process.execPath, [resolve('live/main.ts'), '--users', '10', ...options], {
      cwd: directory,
    });
    for (const stream of [command.stdout, command.stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    }
    await vi.waitFor(() => expect(output).toContain(`open ${url.slice(0, -1)}`), READY);
    browser = await openChromium();
    page = await openPage(1280, 'light');
  });

  afterAll(async () => {
    await browser?.close();
    if (command?.kill('SIGTERM')) await once(command, 'exit');
    await rm(directory, { recursive: true });
  });

  async function openPage(width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    opened.on('console', (message) => noise.push(message.text()));
    opened.on('pageerror', (error) => noise.push(String(error)));
    opened.on('request', (request) => {
      if (!request.url().startsWith(url)) noise.push(request.url());
    });
    await opened.goto(url);
    return opened;
  }

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const verdict = (gateway: string) => page.locator(`#${gateway} .verdict`).textContent();
  const figure = async (gateway: string, name: string) =>
    Number(await page.locator(`#${gateway} .${name} dd`).textContent());
  const environments = (gateway: string) => page.locator(`#${gateway} .cells-of p`).textContent();
  const lit = () => page.locator('.state.lit').getAttribute('data-state');
  const transitions = () => page.locator('#transitions li').allTextContents();
  const line = () => page.locator('#circuit-line').textContent();
  const tripsOfTheFleet = async () =>
    (await transitions()).filter((one) => one.includes('CLOSED → OPEN') && !one.endsWith(', alone'))
      .length;

  test('begins with both gateways healthy, and the circuit closed', async () => {
    for (const gateway of ['gateway-v1', 'gateway-v2']) {
      await expect.poll(() => figure(gateway, 'ok'), HEALED).toBeGreaterThan(0);
    }
    await expect.poll(lit, SOON).toBe('CLOSED');
    expect(await page.locator('#fault').textContent()).toBe('The recommendations are healthy');
  });

  test('hanging: v1’s environments fill up and its answers stop; v2 opens, and answers in milliseconds', async () => {
    await press('hanging');
    // Where other work delays even the product service, an answer of v1 may still be an error.
    await expect.poll(() => figure('gateway-v1', 'ok'), SOON).toBe(0);
    await expect.poll(() => environments('gateway-v1'), SOON).toMatch(/\b([5-9]|1\d) hanging/);
    expect(await figure('gateway-v1', 'degraded')).toBe(0);
    await expect.poll(lit, SOON).toBe('OPEN');
    expect((await transitions()).join()).toMatch(/CLOSED → OPEN: 3 x/);
    await expect.poll(() => verdict('gateway-v2'), SOON).toMatch(new RegExp(IN_MILLISECONDS));
    expect(await line()).toMatch(/No call goes there|open period is over|makes the probe/);
    expect(await page.locator('#item').textContent()).toContain('openUntilMs');
  });

  test.each(
    [1280, 390].flatMap((width) =>
      (['light', 'dark'] as const).map((scheme) => [width, scheme] as const),
    ),
  )('nothing overflows at %i px, %s', async (width, scheme) => {
    const other = await openPage(width, scheme);
    await expect.poll(() => other.locator('.state.lit').count(), SOON).toBe(1);
    expect(await other.evaluate('document.documentElement.scrollWidth')).toBe(width);
    const pictures = process.env.SCREENSHOTS;
    if (pictures) {
      await mkdir(pictures, { recursive: true });
      await other.waitForTimeout(5_000);
      await other.screenshot({
        path: join(pictures, `live-${width}-${scheme}.png`),
        fullPage: true,
      });
    }
    await other.close();
  });

  test('killed: the page says that instances decide alone, v2 goes on answering; a new table’s circuit opens, too', async () => {
    const trips = await tripsOfTheFleet();
    await press('killed');
    await expect.poll(line, SOON).toMatch(/The table is gone: \d+ instances? decides? alone/);
    await expect.poll(() => verdict('gateway-v2'), SOON).toMatch(/^Everybody is served/);
    expect(await page.locator('#item-line').textContent()).toContain('signal SIGKILL');
    await press('running');
    await expect.poll(line, SOON).not.toContain('The table is gone');
    // The engine has come back without its tables, so the circuit that was open is closed until it trips again.
    await expect.poll(tripsOfTheFleet, SOON).toBeGreaterThan(trips);
    await expect.poll(lit, SOON).toBe('OPEN');
  });

  test('healthy: the probe is seen, the circuit closes, and both serve again', async () => {
    await press('healthy');
    const story = async () => (await transitions()).join();
    // A probe that was under way fails, and the next comes after a longer open period.
    await expect.poll(story, HEALED).toMatch(/HALF_OPEN → CLOSED/);
    expect(await story()).toMatch(/OPEN → HALF_OPEN/);
    await expect.poll(lit, SOON).toBe('CLOSED');
    for (const gateway of ['gateway-v2', 'gateway-v1']) {
      await expect.poll(() => verdict(gateway), HEALED).toMatch(/^Everybody gets recommendations/);
    }
  });

  test('can be driven by keyboard alone, and tells a screen reader what has changed', async () => {
    const button = page.getByRole('button', { name: 'force open', exact: true });
    await page.evaluate('document.activeElement.blur()');
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab');
      if (await button.evaluate((one) => one.matches(':focus-visible'))) break;
    }
    await page.keyboard.press('Enter');
    await expect.poll(line, SOON).toBe('Forced open by an operator, until released.');
    await expect.poll(() => button.getAttribute('aria-pressed')).toBe('true');
    const announced = page.locator('#announcer');
    await expect.poll(() => announced.textContent(), SOON).toContain('The circuit is open.');
    await press('release');
    await expect.poll(line, SOON).not.toContain('Forced open');
  });

  test('close: what was forced open lets every call pass again', async () => {
    await press('force open');
    await expect.poll(line, SOON).toMatch(/^Forced open/);
    await press('close');
    await expect.poll(line, SOON).toBe('Every call goes to the recommendations.');
    await expect.poll(lit, SOON).toBe('CLOSED');
  });

  test('does not chatter: a screen reader is told at most once in five seconds', async () => {
    const changes = await page.evaluate(`new Promise((resolve) => {
      let changes = 0;
      const observer = new MutationObserver(() => { changes += 1; });
      for (const live of document.querySelectorAll('[aria-live], [role=status]')) {
        observer.observe(live, { childList: true, characterData: true, subtree: true });
      }
      setTimeout(() => resolve(changes), 10_000);
    })`);
    expect(changes).toBeLessThanOrEqual(2);
  });

  test('the load can be changed', async () => {
    await page.getByLabel('Users on each gateway').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('output').textContent()).toBe('20 users each');
    await press('hanging');
    await expect.poll(() => figure('gateway-v1', 'waiting'), HEALED).toBeGreaterThan(10);
    await press('healthy');
  });

  test('nothing was said on the console, and nothing asked of another machine', () => {
    expect(noise).toEqual([]);
  });
});
