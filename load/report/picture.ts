/** `npm run picture -- [RUN]`: verdict and latencies of a run, the newest unless named, for the README. */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findRun } from '../results.ts';
import { CHROMIUM_PATH, HAS_CHROMIUM, openChromium } from './chromium.ts';

const WIDTH_PX = 920;
const LAST_SECTION = 'Latency over time';

if (!HAS_CHROMIUM) {
  throw new Error(`There is no ${CHROMIUM_PATH}: apt-get install chromium, or set CHROMIUM.`);
}
const browser = await openChromium();
try {
  const page = await browser.newPage({
    viewport: { width: WIDTH_PX, height: 1000 },
    colorScheme: 'light',
    deviceScaleFactor: 1.5,
  });
  await page.goto(pathToFileURL(join(await findRun(process.argv[2]), 'comparison.html')).href);
  // The README has the table as text.
  await page.addStyleTag({ content: 'section:has(table) { display: none }' });
  const box = await page.locator('section', { hasText: LAST_SECTION }).first().boundingBox();
  if (!box) throw new Error(`comparison.html has no section ${LAST_SECTION}.`);
  const path = resolve('docs/comparison.png');
  await page.screenshot({
    path,
    fullPage: true,
    clip: { x: 0, y: 0, width: WIDTH_PX, height: box.y + box.height + 16 },
  });
  console.log(path);
} finally {
  await browser.close();
}
