import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { BUNDLING } from '../../infra/constructs/bundle.ts';

const GATEWAY = join(import.meta.dirname, '../../lambdas/gateway-v2');

interface Spec {
  /** Whether the SDK waits for the first use of the store. */
  readonly late?: boolean;
  readonly splitting?: boolean;
  readonly minify?: boolean;
  readonly sourcemap?: boolean;
}

/** Ways to bundle and start gateway-v2. The first is what is deployed. */
export const VARIANTS = {
  'SDK at the start': {},
  'SDK late, one file': { late: true },
  'SDK late, split': { late: true, splitting: true },
  minified: { minify: true },
  'minified, source map': { minify: true, sourcemap: true },
} satisfies Record<string, Spec>;
export type Variant = keyof typeof VARIANTS;

const lateStore: Plugin = {
  name: 'late-store',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/circuit-store\.ts$/ }, () => ({
      path: join(import.meta.dirname, 'late-store.ts'),
    }));
  },
};

export interface Bundle {
  /** The module to import. */
  readonly file: string;
  readonly nodeOptions: string;
}

export async function bundle(variant: Variant, directory: string): Promise<Bundle> {
  const { late, splitting = false, minify = false, sourcemap = false }: Spec = VARIANTS[variant];
  const outdir = join(directory, variant.replaceAll(/\W+/g, '-'));
  await build({
    ...BUNDLING,
    ...{ splitting, minify, sourcemap, outdir, entryPoints: [join(GATEWAY, 'index.ts')] },
    plugins: late ? [lateStore] : [],
  });
  const nodeOptions = sourcemap ? '--enable-source-maps' : '';
  return { file: join(outdir, 'index.mjs'), nodeOptions };
}
