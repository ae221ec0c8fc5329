/** `npm run picture`: verdict and latencies of the last comparison as docs/comparison.png, for the README. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumPath, hasChromium, openChromium } from './chromium.ts';

const width = 920;
const lastSection = 'Latency over time';

if (!hasChromium) {
  throw new Error(`There is no ${chromiumPath}: apt-get install chromium, or set CHROMIUM.`);
}
const browser = await openChromium();
try {
  const page = await browser.newPage({
    viewport: { width, height: 1000 },
    colorScheme: 'light',
    deviceScaleFactor: 1.5,
  });
  await page.goto(pathToFileURL(resolve('results/comparison.html')).href);
  // The README has the table as text.
  await page.addStyleTag({ content: 'section:has(table) { display: none }' });
  const box = await page.locator('section', { hasText: lastSection }).first().boundingBox();
  if (!box) throw new Error(`results/comparison.html has no section ${lastSection}.`);
  const path = resolve('docs/comparison.png');
  await page.screenshot({
    path,
    fullPage: true,
    clip: { x: 0, y: 0, width, height: box.y + box.height + 16 },
  });
  console.log(path);
} finally {
  await browser.close();
}
