import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { BUNDLING } from '../../infra/constructs/bundle.ts';

const resolveDir = join(import.meta.dirname, '../../lambdas/gateway-v2');

/** Ways to bundle gateway-v2, and what each of them leaves to the first request. */
export const VARIANTS = {
  'SDK at the start': {
    contents: `import './circuit-store.ts'; export { handler } from './index.ts';`,
    splitting: false,
  },
  'SDK late, one file': { contents: `export { handler } from './index.ts';`, splitting: false },
  'SDK late, split': { contents: `export { handler } from './index.ts';`, splitting: true },
};
export type Variant = keyof typeof VARIANTS;

/** Returns the module to import. The last of them is what is deployed. */
export function build(variant: Variant, directory: string): string {
  const { contents, splitting } = VARIANTS[variant];
  const outdir = join(directory, variant.replaceAll(/\W+/g, '-'));
  const stdin = { contents, resolveDir, sourcefile: 'entry.ts' };
  buildSync({ ...BUNDLING, stdin, splitting, outdir, entryNames: 'index' });
  return join(outdir, 'index.mjs');
}
