import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { BUNDLING } from '../../infra/constructs/bundle.ts';

const resolveDir = join(import.meta.dirname, '../../lambdas/gateway-v2');

const MAPS = '--enable-source-maps';
const EAGER = `import './circuit-store.ts'; export { handler } from './index.ts';`;
const LATE = `export { handler } from './index.ts';`;

/** Ways to bundle and start gateway-v2, and what each of them leaves to the first request. */
export const VARIANTS = {
  'SDK at the start': { contents: EAGER, splitting: false, minify: true, nodeOptions: '' },
  'SDK late, one file': { contents: LATE, splitting: false, minify: true, nodeOptions: '' },
  'SDK late, split': { contents: LATE, splitting: true, minify: true, nodeOptions: '' },
  'start, source maps': { contents: EAGER, splitting: false, minify: true, nodeOptions: MAPS },
  'late, split, source maps': { contents: LATE, splitting: true, minify: true, nodeOptions: MAPS },
  'start, not minified': { contents: EAGER, splitting: false, minify: false, nodeOptions: '' },
};
export type Variant = keyof typeof VARIANTS;

/** Returns the module to import. */
export function build(variant: Variant, directory: string): string {
  const { contents, splitting, minify } = VARIANTS[variant];
  const outdir = join(directory, variant.replaceAll(/\W+/g, '-'));
  const stdin = { contents, resolveDir, sourcefile: 'entry.ts' };
  buildSync({ ...BUNDLING, stdin, splitting, minify, outdir, entryNames: 'index' });
  return join(outdir, 'index.mjs');
}
