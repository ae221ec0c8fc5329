import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM_PATH, HAS_CHROMIUM, openChromium } from './chromium.ts';
import { writeReport } from './write.ts';

if (!HAS_CHROMIUM) {
  console.log(
    `Skipped, the report in a browser: there is no ${CHROMIUM_PATH} (apt-get install chromium).`,
  );
}

const charts = {
  'comparison.html': [
    'Latency over time',
    'Answers per second, by outcome',
    'Environments busy at once',
    'The first requests that met the fault',
  ],
  'results_v1.html': ['Latency over time', 'Environments busy at once'],
  'results_v2.html': ['Latency over time', 'Environments busy at once'],
};
const views = [1280, 390].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);
const cases = Object.entries(charts).flatMap(([name, names]) =>
  views.map((view) => ({ name, names, ...view })),
);

describe.skipIf(!HAS_CHROMIUM)('in Chromium', () => {
  let browser: Browser;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pages-'));
    await cp(join(import.meta.dirname, 'testdata/outage'), directory, { recursive: true });
    await writeReport(directory);
    browser = await openChromium();
  });

  afterAll(async () => {
    await browser?.close();
    await rm(directory, { recursive: true });
  });

  async function open(name: string, options: { width: number; colorScheme: 'light' | 'dark' }) {
    const { width, colorScheme } = options;
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const noise: string[] = [];
    page.on('console', (message) => noise.push(message.text()));
    page.on('pageerror', (error) => noise.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) noise.push(request.url());
    });
    await page.goto(pathToFileURL(join(directory, name)).href);
    return { page, noise };
  }

  const keepPicture = async (page: Page, name: string) => {
    const pictures = process.env.SCREENSHOTS;
    if (!pictures) return;
    await mkdir(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, name), fullPage: true });
  };

  test.each(cases)(
    '$name at $width px, $colorScheme',
    async ({ name, names, width, colorScheme }) => {
      const { page, noise } = await open(name, { width, colorScheme });
      for (const chart of names) {
        const picture = page.getByRole('img', { name: chart });
        expect(await picture.count()).toBe(1); // the other size is not shown
        const box = await picture.boundingBox();
        expect(box?.width).toBeGreaterThan(width === 390 ? 320 : 700);
        expect(box?.height).toBeGreaterThan(150);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      expect(noise).toEqual([]);
      await keepPicture(page, `${name}-${width}-${colorScheme}.png`);
      await page.close();
    },
  );

  test('text stands out from its background in both colour schemes', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await open('comparison.html', { width: 1280, colorScheme });
      expect(await page.evaluate(weakestContrast)).toBeGreaterThan(4.5);
      await page.close();
    }
  });

  test('on paper every chart is there in its wide form', async () => {
    const { page } = await open('comparison.html', { width: 390, colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('img').count()).toBe(4);
    expect(await page.locator('.wide:visible').count()).toBe(4);
    await page.close();
  });
});

/** Runs in the page: the lowest contrast (as in WCAG) of a visible element's own text with the page. */
const weakestContrast = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminance = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = luminance(getComputedStyle(document.documentElement).backgroundColor);
  const texts = [...document.querySelectorAll('main *')].filter((element) =>
    element.checkVisibility() && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return Math.min(...texts.map((element) => {
    const style = getComputedStyle(element);
    const ink = luminance(element instanceof SVGElement ? style.fill : style.color);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  }));
})()`;
