/** The browser that looks at the report: in the tests, and for the picture in the README. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** The browser of Debian's package, unless CHROMIUM names another. */
export const CHROMIUM_PATH = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const HAS_CHROMIUM = existsSync(CHROMIUM_PATH);

/** It runs without its sandbox, which containers do not allow: it opens nothing but our own files. */
export const openChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM_PATH, args: ['--no-sandbox'] });
